import { GoogleError } from '../errors.ts'
import { blockBytes } from './draft.ts'

/** Where the body of one request of a resumable upload belongs. Offsets and sizes in bytes. */
export interface Position {
  readonly start: number
  /** The size of the whole object, when the client says it. */
  readonly total?: number
  /** Whether the object ends with this body. */
  readonly last: boolean
}

/** What a request of a resumable upload asks: to take its body, or only how far the upload is. */
export type UploadRequest =
  | { readonly kind: 'status'; readonly total?: number }
  | ({ readonly kind: 'bytes' } & Position)

// Four forms: bytes 0-99/200, bytes 0-99/*, bytes 0-*/* to the end of the body, and bytes */200 as a question.
/** Reads a Content-Range; without one, the body is all of the object. */
export function readContentRange(header: string | undefined): UploadRequest {
  if (header === undefined) return { kind: 'bytes', start: 0, last: true }
  const match = /^bytes\s+(?:\*|(\d+)-(\d+|\*))\/(\d+|\*)$/.exec(header)
  if (!match) throw new GoogleError(400, 'invalid', `Failed to parse Content-Range header: '${header}'`)
  const [, start, end, size] = match
  const total = size === '*' ? {} : { total: Number(size) }
  if (start === undefined) return { kind: 'status', ...total }

  const last = end === '*' || Number(end) + 1 === total.total
  const length = Number(end) + 1 - Number(start)
  if (!last && length < blockBytes) {
    const message =
      `Invalid request.  The number of bytes uploaded is required to be equal or greater than ${blockBytes}, ` +
      `except for the final request (it's recommended to be the exact multiple of ${blockBytes}).  ` +
      `The received request contained ${length} bytes, which does not meet this requirement.`
    throw new GoogleError(400, 'invalid', message)
  }
  return { kind: 'bytes', start: Number(start), ...total, last }
}
