import type { FileMetadata } from '@google-cloud/storage'
import { CloudError } from '../../core/errors.ts'
import type { Body, Objects, StoredObject, WriteOptions } from '../../core/world.ts'
import { attempt, ignoreAbsence, toCloudError, type Wish } from './cloud-errors.ts'
import { download } from './download.ts'
import { insert, type Precondition } from './insert.ts'
import { listObjects } from './list-objects.ts'
import { bindSignal, openStorageClient } from './storage-client.ts'
import type { OpenAnswer, Transport } from './transport.ts'

export interface StorageOptions {
  /** Without a slash at the end, such as `https://storage.googleapis.com`. */
  readonly endpoint: string
  readonly transport: Transport
}

/** Opens a bucket. Nothing is asked of Google before the first call. */
export function openObjects(bucketName: string, { endpoint, transport }: StorageOptions): Objects {
  const bucket = openStorageClient(endpoint, transport).bucket(bucketName)
  const home = `${endpoint}/storage/v1/b/${encodeURIComponent(bucketName)}`
  const wish = (verb: string, name: string): Wish => ({
    method: `storage.objects.${verb}`,
    about: `gs://${bucketName}/${name}`,
  })

  async function write(name: string, body: Body, options: WriteOptions, precondition: Precondition) {
    const file = bindSignal(bucket.file(name), options.signal)
    const act = () => insert({ transport, file, body, options, precondition })
    return toStored(await attempt(wish('insert', name), act, options.signal))
  }

  async function stat(name: string): Promise<StoredObject> {
    const [metadata] = await attempt(wish('get', name), () => bucket.file(name).getMetadata())
    return toStored(metadata)
  }

  async function* open(name: string, wanted?: string): AsyncIterable<Uint8Array> {
    try {
      yield* download(
        (offset, generation) => beginDownload(name, offset, generation),
        () => stat(name),
        wanted,
      )
    } catch (error) {
      throw toCloudError(wish('get', name), error)
    }
  }

  /** The client's own download stream checks only some downloads and cannot go on after a fault. */
  function beginDownload(name: string, offset: number, generation: string | undefined): Promise<OpenAnswer> {
    const query = new URLSearchParams({ alt: 'media', ...(generation !== undefined && { generation }) })
    return transport.open({
      http: 'GET',
      url: `${home}/o/${encodeURIComponent(name)}?${query}`,
      headers: { 'cache-control': 'no-store', ...(offset > 0 && { range: `bytes=${offset}-` }) },
    })
  }

  return {
    bucket: bucketName,
    create: (name, body, options = {}) =>
      write(name, body, options, { ifGenerationMatch: 0 }).catch((error) => {
        if (error instanceof CloudError && error.failure === 'exists') return 'exists'
        throw error
      }),
    put: (name, body, options = {}) => write(name, body, options, {}),
    stat: (name) => stat(name).catch(ignoreAbsence),
    read: (name) => readAll(open(name)).catch(ignoreAbsence),
    open,
    async *list(prefix, { startOffset, glob, pageSize } = {}) {
      const query = {
        prefix,
        ...(startOffset !== undefined && { startOffset }),
        ...(glob !== undefined && { matchGlob: glob }),
        ...(pageSize !== undefined && { maxResults: pageSize }),
      }
      for await (const metadata of listObjects(transport, home, wish('list', prefix), query))
        yield toStored(metadata)
    },
  }
}

async function readAll(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = []
  for await (const chunk of chunks) all.push(chunk)
  return Buffer.concat(all)
}

function toStored(metadata: FileMetadata): StoredObject {
  const { name = '', size = 0, generation = '', crc32c = '', timeCreated = '' } = metadata
  return {
    name,
    size: Number(size),
    generation: String(generation),
    crc32c,
    created: Date.parse(timeCreated),
    metadata: (metadata.metadata ?? {}) as Readonly<Record<string, string>>,
  }
}
