import { crc32c } from '../crc32c.ts'
import { invalid } from './errors.ts'
import type { Secret } from './store.ts'

/** The id of a secret that is to be made. */
export function readSecretId(id: string | null): string {
  if (id !== null && /^[\w-]{1,255}$/.test(id)) return id
  throw invalid('Secret ids must be between 1 and 255 characters of letters, numerals, "-" and "_".')
}

/** The resource of a secret that is to be made. */
export function readWish(body: unknown): Pick<Secret, 'labels' | 'replication'> {
  const { labels = {}, replication } = body as Partial<Secret>
  if (replication === undefined) throw invalid('Field [replication] is required.')
  return { labels, replication }
}

const largestPayload = 64 * 1024

/** The payload of a version that is to be added, in base64, checked against the caller's checksum. */
export function readPayload(body: unknown): { readonly data: string; readonly checked: boolean } {
  const { payload } = body as { payload?: { data?: string; dataCrc32c?: string | number } }
  if (!payload?.data) throw invalid('Secret Payload cannot be empty.')
  const bytes = Buffer.from(payload.data, 'base64')
  if (bytes.length > largestPayload)
    throw invalid(`Secret Payload size ${bytes.length} exceeds the limit of ${largestPayload} bytes.`)
  const { dataCrc32c: sum } = payload
  if (sum !== undefined && Number(sum) !== crc32c(bytes))
    throw invalid('The checksum does not match the data.')
  return { data: bytes.toString('base64'), checked: sum !== undefined }
}
