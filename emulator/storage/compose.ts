import { createReadStream, type ReadStream } from 'node:fs'
import { GoogleError } from '../errors.ts'
import type { Call, Reply, Route } from '../http.ts'
import { route } from '../routing.ts'
import type { Backend } from './backend.ts'
import type { Attributes } from './bucket.ts'
import { type Conditions, checkWrite, readConditions } from './conditions.ts'
import { checkObjectName } from './names.ts'
import { readObjectAttributes, showObject } from './resources.ts'
import { commit } from './writes.ts'

const mostComponents = 32
const readBytes = 1024 * 1024

interface Composition {
  readonly sourceObjects?: readonly {
    readonly name: string
    readonly generation?: string
    readonly objectPreconditions?: Conditions
  }[]
  readonly destination?: Attributes
}

/** objects.compose: one object out of up to 32 of the same bucket, in their order. It has no MD5. */
export function composeRoutes(backend: Backend): Route[] {
  const path = '/storage/v1/b/{bucket}/o/{object}/compose'
  return [route('storage.objects.compose', 'POST', path, (call) => compose(backend, call))]
}

async function compose(backend: Backend, call: Call<'bucket' | 'object'>): Promise<Reply> {
  const { sourceObjects = [], destination = {} } = await call.json<Composition>()
  const { bucket: bucketName, object: name } = call.params
  checkObjectName(name)
  checkCount(sourceObjects.length)
  backend.permissions.require(bucketName, 'storage.objects.get')
  const bucket = backend.store.find(bucketName)
  const sources = sourceObjects.map((source) => {
    const object = bucket.find(source.name, source.generation)
    checkWrite(source.objectPreconditions ?? {}, object)
    return object
  })

  // Opened at once: from here on it does not matter what becomes of the sources.
  const streams = sources.map((each) =>
    createReadStream('', { fd: bucket.open(each), highWaterMark: readBytes }),
  )
  try {
    await using draft = await backend.draft()
    await draft.append(join(streams), { last: true })
    const write = {
      bucket: bucketName,
      name,
      attributes: readObjectAttributes(destination),
      conditions: readConditions(call.query),
      declared: {},
    }
    const { md5Hash, ...content } = draft.content()
    const componentCount = sources.reduce((sum, each) => sum + (each.componentCount ?? 1), 0)
    const object = commit(backend, write, { ...content, componentCount })
    return { json: showObject(call.url.origin, bucketName, object) }
  } finally {
    for (const stream of streams) stream.destroy()
  }
}

function checkCount(count: number): void {
  if (count === 0) throw new GoogleError(400, 'required', 'You must provide at least one source component.')
  if (count <= mostComponents) return
  const message = `The number of source components provided (${count}) exceeds the maximum (${mostComponents})`
  throw new GoogleError(400, 'invalid', message)
}

async function* join(streams: readonly ReadStream[]): AsyncGenerator<Buffer> {
  for (const stream of streams) yield* stream
}
