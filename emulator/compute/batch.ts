import { randomUUID } from 'node:crypto'
import type { Route } from '../http.ts'
import { route } from '../routing.ts'
import { invalid } from './errors.ts'

/**
 * Many calls in one, which is how gcloud lists images and deletes several instances. Each part is sent to the emulator
 * itself, so that it stands in the request log and meets its faults. https://cloud.google.com/compute/docs/api/how-tos/batch
 */
export function batchRoutes(): Route[] {
  return [
    route('compute.batch', 'POST', '/batch/compute/v1', async (call) => {
      const type = call.headers['content-type'] ?? ''
      const boundary = /boundary="?([^";]+)"?/.exec(type)?.[1]
      if (!boundary) throw invalid('Content-Type', type, 'A batch is multipart/mixed with a boundary.')
      // Between the boundaries; what is before the first and after the last is nothing.
      const parts = (await call.bytes()).toString().split(`--${boundary}`).slice(1, -1)
      const replies = await Promise.all(parts.map((part) => forward(part, call.url.origin)))
      const mark = `batch_${randomUUID()}`
      return {
        headers: { 'content-type': `multipart/mixed; boundary=${mark}` },
        body: `${replies.map((reply) => `--${mark}\r\n${reply}\r\n`).join('')}--${mark}--\r\n`,
      }
    }),
  ]
}

async function forward(part: string, origin: string): Promise<string> {
  const [outer = '', head = '', ...body] = part.split(/\r?\n\r?\n/)
  const id = /^content-id:\s*<?([^>\r\n]*)/im.exec(outer)?.[1] ?? ''
  const [, method = '', target = ''] = /^(\w+) (\S+)/.exec(head) ?? []
  const content = body.join('\n\n').trim()
  const response = await fetch(new URL(target, origin), { method, ...(content && { body: content }) })
  const lines = [
    'Content-Type: application/http',
    `Content-ID: <response-${id}>`,
    '',
    `HTTP/1.1 ${response.status} ${response.statusText}`,
    `Content-Type: ${response.headers.get('content-type')}`,
    '',
    await response.text(),
  ]
  return lines.join('\r\n')
}
