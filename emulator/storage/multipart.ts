import { GoogleError } from '../errors.ts'

/** The two parts of a multipart/related upload: the resource, then the bytes, which are still arriving. */
export interface Upload {
  readonly resource: Readonly<Record<string, unknown>>
  readonly contentType: string | undefined
  readonly content: AsyncIterable<Buffer>
}

/** Reads an upload up to where its bytes begin. https://www.rfc-editor.org/rfc/rfc2387 */
export async function readMultipart(contentType: string, body: AsyncIterable<Buffer>): Promise<Upload> {
  const boundary = /boundary=(?:"([^"]+)"|'([^']+)'|([^;\s]+))/i.exec(contentType)?.slice(1).find(Boolean)
  if (!boundary) throw new GoogleError(400, 'badContent', `No boundary in the Content-Type '${contentType}'`)

  const reader = openReader(body)
  await reader.readTo(Buffer.from(`--${boundary}`))
  // gcloud ends its lines with a line feed alone.
  const lineEnd = (await reader.readTo(Buffer.from('\n'))).toString() === '\r' ? '\r\n' : '\n'
  const headersEnd = Buffer.from(lineEnd + lineEnd)
  const delimiter = Buffer.from(`${lineEnd}--${boundary}`)
  await reader.readTo(headersEnd)
  const resource = parse(await reader.readTo(delimiter))
  const headers = await reader.readTo(headersEnd)
  return {
    resource,
    contentType: /^content-type:\s*(.+?)\s*$/im.exec(headers.toString())?.[1],
    content: reader.streamTo(delimiter),
  }
}

function openReader(source: AsyncIterable<Buffer>) {
  const chunks = source[Symbol.asyncIterator]()
  let held = Buffer.alloc(0)

  async function holdMore(): Promise<void> {
    const next = await chunks.next()
    if (next.done) throw new GoogleError(400, 'badContent', 'Missing end boundary in multipart body.')
    held = Buffer.concat([held, next.value])
  }

  return {
    async readTo(mark: Buffer): Promise<Buffer> {
      while (!held.includes(mark)) await holdMore()
      const at = held.indexOf(mark)
      const before = held.subarray(0, at)
      held = held.subarray(at + mark.length)
      return before
    },
    async *streamTo(mark: Buffer): AsyncGenerator<Buffer> {
      while (!held.includes(mark)) {
        // The end of what is held may be the beginning of the mark.
        const sure = Math.max(0, held.length - mark.length + 1)
        yield held.subarray(0, sure)
        held = held.subarray(sure)
        await holdMore()
      }
      yield held.subarray(0, held.indexOf(mark))
      while (!(await chunks.next()).done);
    },
  }
}

function parse(bytes: Buffer): Record<string, unknown> {
  try {
    return JSON.parse(bytes.toString())
  } catch (error) {
    throw new GoogleError(400, 'parseError', `The upload's metadata is not JSON: ${(error as Error).message}`)
  }
}
