import { invalid, tooLarge } from './errors.ts'
import { fingerprint } from './ids.ts'

/** The metadata of an instance or a project. */
export interface Metadata {
  readonly kind: 'compute#metadata'
  readonly fingerprint: string
  readonly items?: readonly MetadataItem[]
}

interface MetadataItem {
  readonly key: string
  readonly value: string
}

const valueLimit = 256 * 1024
const totalLimit = 512 * 1024

/** Metadata as a client gives it; its `items` may hold nulls, which Packer sends and Google drops. */
export interface MetadataBody {
  readonly fingerprint?: string
  readonly items?: readonly (Partial<MetadataItem> | null)[]
}

/** Throws what Google answers to keys and sizes out of bounds: 400 and 413. */
export function readMetadata(body: MetadataBody | undefined, field: string): Metadata {
  const items = (body?.items ?? []).filter((item) => item !== null)
  const read = items.map((item, index) => readItem(item, `${field}.items[${index}]`))
  const keys = new Set(read.map(({ key }) => key))
  if (keys.size < read.length) throw invalid(`${field}.items`, '', 'Duplicate metadata keys are not allowed.')
  const total = read.reduce((sum, { key, value }) => sum + size(key) + size(value), 0)
  if (total > totalLimit) throw tooLarge(field, totalLimit, total)
  return {
    kind: 'compute#metadata',
    fingerprint: fingerprint(read),
    ...(read.length > 0 && { items: read }),
  }
}

function readItem({ key = '', value }: Partial<MetadataItem>, field: string): MetadataItem {
  if (!/^[a-zA-Z0-9_-]{1,128}$/.test(key))
    throw invalid(`${field}.key`, key, "Must be a match of regex '[a-zA-Z0-9-_]{1,128}'")
  const text = String(value ?? '')
  if (size(text) > valueLimit) throw tooLarge(`${field}.value`, valueLimit, size(text))
  return { key, value: text }
}

function size(text: string): number {
  return Buffer.byteLength(text)
}

/** The attributes by name. */
export function readAttributes(metadata: Metadata): Readonly<Record<string, string>> {
  return Object.fromEntries((metadata.items ?? []).map(({ key, value }) => [key, value]))
}
