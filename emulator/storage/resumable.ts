import type { Call, Reply, Route } from '../http.ts'
import { route } from '../routing.ts'
import type { Backend } from './backend.ts'
import { type Position, readContentRange } from './content-range.ts'
import { showObject } from './resources.ts'
import type { Session } from './sessions.ts'
import { uploadPaths } from './uploads.ts'
import { commit, readHashHeader } from './writes.ts'

/** What follows the start of a resumable upload. https://cloud.google.com/storage/docs/performing-resumable-uploads */
export function resumableRoutes(backend: Backend): Route[] {
  const withSession =
    (work: (backend: Backend, session: Session, call: Call) => Promise<Reply>) => (call: Call) => {
      const session = backend.sessions.find(call.query.get('upload_id'))
      return session.alone(() => work(backend, session, call))
    }
  return uploadPaths.flatMap((path) => [
    route('storage.objects.insert', 'PUT', path, withSession(proceed)),
    route('storage.objects.cancelResumableUpload', 'DELETE', path, withSession(cancel)),
  ])
}

async function proceed(backend: Backend, session: Session, call: Call): Promise<Reply> {
  if (session.outcome) return showOutcome(session, call)
  const request = readContentRange(call.headers['content-range'])
  const { draft } = session
  if (request.kind === 'bytes') {
    if (request.start > draft.size) return tooFar(request, draft.size)
    await draft.append(skip(call.body, draft.size - request.start), request)
  }
  const { total } = request
  const complete = total === undefined ? request.kind === 'bytes' && request.last : draft.size >= total
  return complete ? finish(backend, session, call) : showProgress(session, call)
}

async function finish(backend: Backend, session: Session, call: Call): Promise<Reply> {
  const declared = { ...session.write.declared, ...readHashHeader(call.headers) }
  try {
    await session.end(commit(backend, { ...session.write, declared }, session.draft.content()))
  } catch (error) {
    await backend.sessions.drop(session)
    throw error
  }
  return showOutcome(session, call)
}

async function cancel(_: Backend, session: Session, call: Call): Promise<Reply> {
  if (!session.outcome) await session.end('cancelled')
  return showOutcome(session, call)
}

function showOutcome({ outcome, write }: Session, call: Call): Reply {
  if (outcome === 'cancelled' || !outcome) return { status: 499 }
  return { json: showObject(call.url.origin, write.bucket, outcome) }
}

function showProgress({ draft }: Session, call: Call): Reply {
  const headers = draft.size > 0 ? { range: `bytes=0-${draft.size - 1}` } : {}
  // 308 later became a redirect (RFC 7538); Google's Go client asks for another way to say it.
  if (call.headers['x-guploader-no-308'] !== 'yes') return { status: 308, headers }
  return { status: 200, headers: { ...headers, 'x-http-status-code-override': 308 } }
}

// As the live service says it, two spaces and all; clients take the 503 as a reason to ask how far the upload is.
function tooFar({ start }: Position, size: number): Reply {
  const body =
    `Invalid request.  According to the Content-Range header, the upload offset is ${start} byte(s), ` +
    `which exceeds already uploaded size of ${size} byte(s).`
  return { status: 503, headers: { 'content-type': 'text/plain; charset=utf-8' }, body }
}

async function* skip(source: AsyncIterable<Buffer>, bytes: number): AsyncGenerator<Buffer> {
  let left = bytes
  for await (const chunk of source) {
    if (left < chunk.length) yield chunk.subarray(left)
    left = Math.max(0, left - chunk.length)
  }
}
