import type { FileMetadata } from '@google-cloud/storage'
import { attempt, type Wish } from './cloud-errors.ts'
import { readJson, type Transport } from './transport.ts'

export interface ListQuery {
  readonly prefix: string
  readonly startOffset?: string
  readonly matchGlob?: string
  readonly maxResults?: number
}

interface Page {
  readonly items?: readonly FileMetadata[]
  readonly nextPageToken?: string
}

/** What is read of an object; a list of all that there is of a thousand would be half a megabyte of it. */
const fields = 'items(name,size,generation,crc32c,timeCreated,metadata),nextPageToken'

/**
 * Lists objects, a page at a time. Not through the client, which makes an object of its own, with methods and retries, of
 * every line: ten thousand of them are tens of megabytes.
 */
export async function* listObjects(
  transport: Transport,
  bucket: string,
  wish: Wish,
  { prefix, startOffset, matchGlob, maxResults }: ListQuery,
): AsyncIterable<FileMetadata> {
  let token = ''
  do {
    const query = new URLSearchParams({
      prefix,
      fields,
      ...(startOffset !== undefined && { startOffset }),
      ...(matchGlob !== undefined && { matchGlob }),
      ...(maxResults !== undefined && { maxResults: String(maxResults) }),
      ...(token !== '' && { pageToken: token }),
    })
    const send = () => transport.send({ http: 'GET', url: `${bucket}/o?${query}` })
    const { items = [], nextPageToken = '' }: Page = readJson(await attempt(wish, send))
    yield* items
    token = nextPageToken
  } while (token !== '')
}
