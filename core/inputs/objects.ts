import type { Source } from './source.ts'
import type { Finding, Found, Nothing } from './targets.ts'

type ObjectSource = Extract<Source, { readonly kind: 'gs' | 's3' }>

/** A bucket as far as it is looked into: of Cloud Storage, or of S3. */
export interface Shelf {
  stat(name: string): Promise<ShelvedObject | undefined>
  list(prefix: string, options?: { readonly glob?: string }): AsyncIterable<ShelvedObject>
}

type ShelvedObject = Omit<Found, 'uri'>

/** More would fill the memory of whoever reads the list. */
const mostFiles = 200_000

/** The objects that are meant, as they are now. */
export async function findObjects(source: ObjectSource, shelf: Shelf): Promise<Finding | Nothing> {
  const { kind, shape, name, folder, bucket } = source
  const place = `${kind}://${bucket}/`
  const found: Found[] = []
  if (shape === 'file') {
    const object = await shelf.stat(name)
    if (object === undefined) return { why: await explainAbsence(shelf, place, name) }
    found.push(describe(place, object))
  } else {
    for await (const object of shelf.list(folder, shape === 'glob' ? { glob: name } : {})) {
      // What a console makes for a folder: an object without content.
      if (object.name.endsWith('/')) continue
      if (found.length === mostFiles)
        return { why: `there are more than ${mostFiles} objects. Name less, or pack them into fewer.` }
      found.push(describe(place, object))
    }
    const none = shape === 'glob' ? 'no object matches' : 'no object is there'
    if (found.length === 0) return { why: `${none}. ${await describePlace(shelf, place, folder)}` }
  }
  return { files: found, selection: source, uri: place + name }
}

function describe(place: string, object: ShelvedObject): Found {
  const { name, size, crc32c, generation, etag, version } = object
  return {
    ...{ name, uri: place + name, size },
    ...(crc32c !== undefined && { crc32c }),
    ...(generation !== undefined && { generation }),
    ...(etag !== undefined && { etag }),
    ...(version !== undefined && { version }),
  }
}

async function explainAbsence(shelf: Shelf, place: string, name: string): Promise<string> {
  for await (const _ of shelf.list(`${name}/`))
    return 'there is no such object, but there is a folder of this name: write a "/" at its end.'
  const folder = name.slice(0, name.lastIndexOf('/') + 1)
  return `there is no such object. ${await describePlace(shelf, place, folder)}`
}

const mostNames = 8
const mostLooks = 2000

/** What there is instead, in the nearest folder that has something. */
async function describePlace(shelf: Shelf, place: string, folder: string): Promise<string> {
  const names = new Set<string>()
  let looks = 0
  for await (const { name } of shelf.list(folder)) {
    names.add(name.slice(folder.length).replace(/\/.*$/s, '/'))
    if (++looks === mostLooks || names.size > mostNames) break
  }
  if (names.size > 0) {
    const more = names.size > mostNames || looks === mostLooks ? ' and more' : ''
    return `${place}${folder} holds ${[...names].slice(0, mostNames).join(', ')}${more}.`
  }
  return folder === '' ? `${place} is empty.` : describePlace(shelf, place, folder.replace(/[^/]*\/$/, ''))
}
