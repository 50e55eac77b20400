import { GoogleError } from '../errors.ts'
import type { Call, Reply, Route } from '../http.ts'
import { route } from '../routing.ts'
import type { Backend } from './backend.ts'
import type { Attributes } from './bucket.ts'
import { checkRead, checkWrite, readConditions } from './conditions.ts'
import { download } from './downloads.ts'
import { listNames } from './listing.ts'
import { etagOf, readObjectAttributes, showObject } from './resources.ts'

const path = '/storage/v1/b/{bucket}/o/{object}'

type ObjectCall = Call<'bucket' | 'object'>

/** objects.get, list, patch and delete. */
export function objectRoutes(backend: Backend): Route[] {
  const { store, permissions } = backend

  function find({ params, query }: ObjectCall) {
    const bucket = store.find(params.bucket)
    return { bucket, object: bucket.find(params.object, query.get('generation')) }
  }

  function get(call: ObjectCall): Reply {
    permissions.require(call.params.bucket, 'storage.objects.get')
    const { bucket, object } = find(call)
    checkRead(readConditions(call.query), object)
    if (call.query.get('alt') === 'media') return download(bucket, object, call)
    return {
      headers: { etag: etagOf(object) },
      json: showObject(call.url.origin, call.params.bucket, object),
    }
  }

  return [
    route('storage.objects.list', 'GET', '/storage/v1/b/{bucket}/o', ({ params, query, url }) => {
      const bucket = store.find(params.bucket)
      permissions.require(params.bucket, 'storage.objects.list')
      const { names, prefixes, nextPageToken } = listNames(bucket.names, query)
      const items = names.map((name) => showObject(url.origin, params.bucket, bucket.find(name)))
      return {
        json: {
          kind: 'storage#objects',
          nextPageToken,
          ...(prefixes.length > 0 && { prefixes }),
          ...(items.length > 0 && { items }),
        },
      }
    }),
    route('storage.objects.get', 'GET', path, (call) => withTextErrors(call, get)),
    route('storage.objects.get', 'GET', `/download${path}`, (call) => withTextErrors(call, get)),
    route('storage.objects.patch', 'PATCH', path, async (call) => {
      const patch = await call.json<Attributes>()
      permissions.require(call.params.bucket, 'storage.objects.update')
      const { bucket, object } = find(call)
      checkWrite(readConditions(call.query), object)
      const patched = bucket.patch(object, readObjectAttributes(patch, object.attributes))
      return { json: showObject(call.url.origin, call.params.bucket, patched) }
    }),
    route('storage.objects.delete', 'DELETE', path, (call) => {
      permissions.require(call.params.bucket, 'storage.objects.delete')
      const { bucket, object } = find(call)
      checkWrite(readConditions(call.query), object)
      bucket.remove(object)
      return {}
    }),
  ]
}

/** Downloads say what is wrong in plain text, unlike the rest of the JSON API. */
function withTextErrors(call: ObjectCall, get: (call: ObjectCall) => Reply): Reply {
  try {
    return get(call)
  } catch (error) {
    if (call.query.get('alt') !== 'media' || !(error instanceof GoogleError) || error.status === 304)
      throw error
    return {
      status: error.status,
      headers: { 'content-type': 'text/html; charset=UTF-8' },
      body: error.message,
    }
  }
}
