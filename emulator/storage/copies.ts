import { linkSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import type { Call, Route } from '../http.ts'
import { route } from '../routing.ts'
import type { Backend } from './backend.ts'
import type { Attributes, StoredObject } from './bucket.ts'
import { checkWrite, readConditions } from './conditions.ts'
import { checkObjectName } from './names.ts'
import { readObjectAttributes, showObject } from './resources.ts'
import { commit } from './writes.ts'

const source = '/storage/v1/b/{sourceBucket}/o/{sourceObject}'
const target = 'b/{bucket}/o/{object}'

type CopyCall = Call<'sourceBucket' | 'sourceObject' | 'bucket' | 'object'>

/** objects.copy and objects.rewrite, which differ in their replies alone: here a rewrite is done at once. */
export function copyRoutes(backend: Backend): Route[] {
  return [
    route('storage.objects.copy', 'POST', `${source}/copyTo/${target}`, async (call) => {
      const object = await copy(backend, call)
      return { json: showObject(call.url.origin, call.params.bucket, object) }
    }),
    route('storage.objects.rewrite', 'POST', `${source}/rewriteTo/${target}`, async (call) => {
      const object = await copy(backend, call)
      return {
        json: {
          kind: 'storage#rewriteResponse',
          totalBytesRewritten: `${object.size}`,
          objectSize: `${object.size}`,
          done: true,
          resource: showObject(call.url.origin, call.params.bucket, object),
        },
      }
    }),
  ]
}

async function copy(backend: Backend, { params, query, json }: CopyCall): Promise<StoredObject> {
  const resource = await json<Attributes>()
  checkObjectName(params.object)
  backend.permissions.require(params.sourceBucket, 'storage.objects.get')
  const from = backend.store.find(params.sourceBucket)
  const original = from.find(params.sourceObject, query.get('sourceGeneration'))
  checkWrite(readConditions(query, 'ifSource'), original)

  // Stored bytes never change, so both objects may be the same bytes.
  const path = backend.draftPath()
  linkSync(from.pathOf(original), path)
  try {
    const { size, crc32c, md5Hash, componentCount } = original
    const given = readObjectAttributes(resource)
    const write = {
      bucket: params.bucket,
      name: params.object,
      // A resource sent along stands in the place of the original's, whole.
      attributes: Object.keys(given).length > 0 ? given : original.attributes,
      conditions: readConditions(query),
      declared: {},
    }
    return commit(backend, write, {
      path,
      size,
      crc32c,
      ...(md5Hash && { md5Hash }),
      ...(componentCount && { componentCount }),
    })
  } finally {
    await rm(path, { force: true })
  }
}
