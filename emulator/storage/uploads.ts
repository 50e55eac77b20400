import { GoogleError } from '../errors.ts'
import type { Call, Reply, Route } from '../http.ts'
import { route } from '../routing.ts'
import type { Backend } from './backend.ts'
import type { Attributes } from './bucket.ts'
import { readConditions } from './conditions.ts'
import { readMultipart } from './multipart.ts'
import { checkObjectName } from './names.ts'
import { readObjectAttributes, showObject } from './resources.ts'
import { checkWritable, commit, readHashHeader, type Write } from './writes.ts'

/** Where uploads are sent; the second is gcloud's, for resumable ones. */
export const uploadPaths = [
  '/upload/storage/v1/b/{bucket}/o',
  '/resumable/upload/storage/v1/b/{bucket}/o',
] as const

type Upload = Call<'bucket'>

/** objects.insert, in the three ways in which bytes can be sent. */
export function uploadRoutes(backend: Backend): Route[] {
  function insert(call: Upload) {
    // Before any of the bytes: what would be refused for every object.
    backend.store.find(call.params.bucket)
    backend.permissions.require(call.params.bucket, 'storage.objects.create')
    const type = call.query.get('uploadType')
    if (type === 'media') return insertMedia(backend, call)
    if (type === 'multipart') return insertMultipart(backend, call)
    if (type === 'resumable') return startResumable(backend, call)
    throw new GoogleError(
      400,
      'invalid',
      `Invalid uploadType '${type}': expected media, multipart or resumable`,
    )
  }
  return uploadPaths.map((path) => route('storage.objects.insert', 'POST', path, insert))
}

async function insertMedia(backend: Backend, call: Upload): Promise<Reply> {
  const contentType = call.headers['content-type']
  return insert(backend, call, planWrite(call, {}, contentType), call.body)
}

async function insertMultipart(backend: Backend, call: Upload): Promise<Reply> {
  const { resource, contentType, content } = await readMultipart(
    call.headers['content-type'] ?? '',
    call.body,
  )
  return insert(backend, call, planWrite(call, resource, contentType), content)
}

async function insert(
  backend: Backend,
  call: Upload,
  write: Write,
  bytes: AsyncIterable<Buffer>,
): Promise<Reply> {
  await using draft = await backend.draft()
  await draft.append(bytes, { last: true })
  const object = commit(backend, write, draft.content())
  return { json: showObject(call.url.origin, write.bucket, object) }
}

async function startResumable(backend: Backend, call: Upload): Promise<Reply> {
  const contentType = call.headers['x-upload-content-type']
  const write = planWrite(call, await call.json<Attributes>(), contentType?.toString())
  checkWritable(backend, write)
  const { id } = await backend.sessions.start(write)
  const location = new URL(call.url)
  location.searchParams.set('upload_id', id)
  return { status: 200, headers: { location: location.href, 'x-guploader-uploadid': id } }
}

function planWrite(call: Upload, resource: Attributes, contentType: string | undefined): Write {
  const name = call.query.get('name') ?? resource.name
  checkObjectName(name)
  const { crc32c, md5Hash } = resource
  const contentEncoding = call.query.get('contentEncoding')
  return {
    bucket: call.params.bucket,
    name,
    attributes: readObjectAttributes({
      ...(contentType && { contentType }),
      ...(contentEncoding && { contentEncoding }),
      ...resource,
    }),
    conditions: readConditions(call.query),
    declared: {
      ...(typeof crc32c === 'string' && { crc32c }),
      ...(typeof md5Hash === 'string' && { md5Hash }),
      ...readHashHeader(call.headers),
    },
  }
}
