import type { Route } from '../http.ts'
import { route } from '../routing.ts'
import type { Backend } from './backend.ts'
import type { Attributes } from './bucket.ts'
import { checkRead, checkWrite, readConditions } from './conditions.ts'
import { checkBucketName } from './names.ts'
import { place, readBucketAttributes, showBucket } from './resources.ts'

const path = '/storage/v1/b/{bucket}'

/** buckets.insert, list, get, patch, delete, getStorageLayout and testIamPermissions. */
export function bucketRoutes({ store, permissions }: Backend): Route[] {
  return [
    route('storage.buckets.insert', 'POST', '/storage/v1/b', async ({ url, json }) => {
      const { name, ...resource } = await json<Attributes>()
      checkBucketName(name)
      return { json: showBucket(url.origin, store.create(name, readBucketAttributes(resource)).record) }
    }),
    route('storage.buckets.list', 'GET', '/storage/v1/b', ({ url, query }) => {
      const found = store.list().filter(({ record }) => record.name.startsWith(query.get('prefix') ?? ''))
      return {
        json: { kind: 'storage#buckets', items: found.map(({ record }) => showBucket(url.origin, record)) },
      }
    }),
    route('storage.buckets.get', 'GET', path, ({ url, params, query }) => {
      permissions.require(params.bucket, 'storage.buckets.get')
      const { record } = store.find(params.bucket)
      checkRead(readConditions(query), version(record))
      return { json: showBucket(url.origin, record) }
    }),
    route('storage.buckets.patch', 'PATCH', path, async ({ url, params, query, json }) => {
      const patch = await json<Attributes>()
      permissions.require(params.bucket, 'storage.buckets.update')
      const bucket = store.find(params.bucket)
      checkWrite(readConditions(query), version(bucket.record))
      return {
        json: showBucket(
          url.origin,
          bucket.patchBucket(readBucketAttributes(patch, bucket.record.attributes)),
        ),
      }
    }),
    route('storage.buckets.delete', 'DELETE', path, ({ params, query }) => {
      permissions.require(params.bucket, 'storage.buckets.delete')
      const bucket = store.find(params.bucket)
      checkWrite(readConditions(query), version(bucket.record))
      store.remove(bucket)
      return {}
    }),
    // gcloud asks before it removes objects: https://cloud.google.com/storage/docs/json_api/v1/buckets/getStorageLayout
    route('storage.buckets.getStorageLayout', 'GET', `${path}/storageLayout`, ({ params }) => {
      const { name } = store.find(params.bucket).record
      const hierarchicalNamespace = { enabled: false }
      return { json: { kind: 'storage#storageLayout', bucket: name, ...place, hierarchicalNamespace } }
    }),
    route('storage.buckets.testIamPermissions', 'GET', `${path}/iam/testPermissions`, ({ params, query }) => {
      store.find(params.bucket)
      const held = query.getAll('permissions').filter((each) => permissions.allows(params.bucket, each))
      return {
        json: { kind: 'storage#testIamPermissionsResponse', ...(held.length > 0 && { permissions: held }) },
      }
    }),
  ]
}

// Buckets have a metageneration only.
function version({ metageneration }: { readonly metageneration: number }) {
  return { generation: '0', metageneration }
}
