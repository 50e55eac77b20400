import type { Objects, StoredObject } from '../world.ts'
import type { Finding, Found, Nothing } from './resolve.ts'
import type { Source } from './source.ts'

type ObjectSource = Extract<Source, { readonly kind: 'gs' | 's3' }>

/** The objects of Cloud Storage that are meant, as they are now. */
export async function findObjects(
  source: ObjectSource,
  objects: Objects,
  mostFiles: number,
): Promise<Finding | Nothing> {
  const { shape, name, folder, bucket } = source
  const uri = `gs://${bucket}/${name}`
  const found: Found[] = []
  if (shape === 'file') {
    const object = await objects.stat(name)
    if (object === undefined) return { why: await explainAbsence(objects, name) }
    found.push(describe(bucket, object))
  } else {
    for await (const object of objects.list(folder, shape === 'glob' ? { glob: name } : {})) {
      // What the console makes for a folder: an object without content.
      if (object.name.endsWith('/')) continue
      if (found.length === mostFiles)
        return { why: `there are more than ${mostFiles} objects. Name less, or pack them into fewer.` }
      found.push(describe(bucket, object))
    }
    if (found.length === 0)
      return {
        why: `no object ${shape === 'glob' ? 'matches' : 'is there'}. ${await describePlace(objects, folder)}`,
      }
  }
  return { files: found, selection: source, uri }
}

function describe(bucket: string, { name, size, crc32c, generation }: StoredObject): Found {
  return { name, uri: `gs://${bucket}/${name}`, size, crc32c, generation }
}

async function explainAbsence(objects: Objects, name: string): Promise<string> {
  for await (const _ of objects.list(`${name}/`))
    return 'there is no such object, but there is a folder of this name: write a "/" at its end.'
  return `there is no such object. ${await describePlace(objects, name.slice(0, name.lastIndexOf('/') + 1))}`
}

const mostNames = 8
const mostLooks = 2000

/** What there is instead, in the nearest folder that has something. */
async function describePlace(objects: Objects, folder: string): Promise<string> {
  const names = new Set<string>()
  let looks = 0
  for await (const { name } of objects.list(folder)) {
    names.add(name.slice(folder.length).replace(/\/.*$/s, '/'))
    if (++looks === mostLooks || names.size > mostNames) break
  }
  const where = `gs://${objects.bucket}/${folder}`
  if (names.size === 0)
    return folder === '' ? `${where} is empty.` : describePlace(objects, folder.replace(/[^/]*\/$/, ''))
  const more = names.size > mostNames || looks === mostLooks ? ' and more' : ''
  return `${where} holds ${[...names].slice(0, mostNames).join(', ')}${more}.`
}
