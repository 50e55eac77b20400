import { crc32c } from '../crc32c.ts'
import type { Call, Reply, Route } from '../http.ts'
import { route } from '../routing.ts'
import { denied, invalid, notReady, serviceDisabled } from './errors.ts'
import { readPayload, readSecretId, readWish } from './requests.ts'
import type { Secret, Store, Version } from './store.ts'

export interface Gate {
  /** Whether the caller has a permission, on every secret. */
  isAllowed(permission: string): boolean
  isEnabled(service: string): boolean
}

const base = '/v1/projects/{project}/secrets'
const versions = `${base}/{secret}/versions`

/** Secret Manager v1. https://cloud.google.com/secret-manager/docs/reference/rest */
export function secretRoutes(store: Store, gate: Gate): Route[] {
  /** A method that needs the permission of its own name, or another one. */
  const method = <const Path extends string>(
    name: string,
    verb: string,
    path: Path,
    handle: Parameters<typeof route<Path>>[3],
    permission = `secretmanager.${name}`,
  ) =>
    route(`secretmanager.${name}`, verb, path, (call: Call) => {
      const { project = '' } = call.params
      if (!gate.isEnabled('secretmanager.googleapis.com')) throw serviceDisabled(project)
      if (!gate.isAllowed(permission)) throw denied(permission, readResource(call))
      return handle(call)
    })

  const find = ({ params }: Call<'project' | 'secret'>) => store.find(params.project, params.secret)
  const findBoth = (call: Call<'project' | 'secret' | 'version'>) => {
    const secret = find(call)
    return { secret, version: store.findVersion(secret, call.params.version) }
  }
  const change = (verb: string, state: Version['state']) =>
    method(`versions.${verb}`, 'POST', `${versions}/{version}:${verb}`, (call) => {
      const { secret, version } = findBoth(call)
      return { json: showVersion(secret, store.change(secret, version, state)) }
    })

  return [
    method('secrets.create', 'POST', base, async ({ params, query, json }) => {
      const id = readSecretId(query.get('secretId'))
      return { json: showSecret(store.create(params.project, id, readWish(await json()))) }
    }),
    method('secrets.list', 'GET', base, ({ params, query }) => {
      const { page, ...rest } = cutPage(store.list(params.project), query)
      return { json: { ...rest, secrets: page.map(showSecret) } }
    }),
    method('versions.add', 'POST', `${base}/{secret}:addVersion`, async (call) => {
      const secret = find(call)
      const { data, checked } = readPayload(await call.json())
      return { json: showVersion(secret, store.add(secret, data, checked)) }
    }),
    // Asking for one's own rights takes none.
    route(
      'secretmanager.secrets.testIamPermissions',
      'POST',
      `${base}/{secret}:testIamPermissions`,
      async ({ json }) => {
        const { permissions = [] } = await json<{ permissions?: readonly string[] }>()
        const held = permissions.filter(gate.isAllowed)
        return { json: held.length > 0 ? { permissions: held } : {} }
      },
    ),
    method('secrets.get', 'GET', `${base}/{secret}`, (call) => ({ json: showSecret(find(call)) })),
    method('secrets.delete', 'DELETE', `${base}/{secret}`, (call) => {
      store.remove(find(call))
      return { json: {} }
    }),
    method('versions.list', 'GET', versions, (call) => {
      const secret = find(call)
      const { page, ...rest } = cutPage(secret.versions.toReversed(), call.query)
      return { json: { ...rest, versions: page.map((version) => showVersion(secret, version)) } }
    }),
    method('versions.access', 'GET', `${versions}/{version}:access`, (call) => {
      const { secret, version } = findBoth(call)
      return access(secret, version)
    }),
    change('enable', 'ENABLED'),
    change('disable', 'DISABLED'),
    change('destroy', 'DESTROYED'),
    method('versions.get', 'GET', `${versions}/{version}`, (call) => {
      const { secret, version } = findBoth(call)
      return { json: showVersion(secret, version) }
    }),
  ]
}

/** The resource in the path, without the verb behind it. */
function readResource({ url }: Call): string {
  return url.pathname.replace(/^\/v1\//, '').replace(/:\w+$/, '')
}

function access(secret: Secret, { id, state, data }: Version): Reply {
  const name = `${secret.name}/versions/${id}`
  if (state !== 'ENABLED') throw notReady(`Secret Version [${name}] is in ${state} state.`)
  return { json: { name, payload: { data, dataCrc32c: String(crc32c(Buffer.from(data, 'base64'))) } } }
}

function showSecret({ name, created, labels, replication }: Secret): object {
  return { name, createTime: created, labels, replication, etag: '"1"' }
}

function showVersion({ name }: Secret, { id, created, checked, state, destroyed }: Version): object {
  return {
    name: `${name}/versions/${id}`,
    createTime: created,
    ...(destroyed !== undefined && { destroyTime: destroyed }),
    state,
    replicationStatus: { automatic: {} },
    etag: '"1"',
    clientSpecifiedPayloadChecksum: checked,
  }
}

const largestPage = 25_000

/** A token is how many came before. */
function cutPage<Item>(items: readonly Item[], query: URLSearchParams) {
  const start = Number(query.get('pageToken') ?? 0)
  const size = Number(query.get('pageSize') || largestPage)
  if (!Number.isInteger(start) || !Number.isInteger(size) || size < 0)
    throw invalid('Request contains an invalid argument.')
  const end = start + size
  return {
    page: items.slice(start, end),
    ...(end < items.length && { nextPageToken: String(end) }),
    totalSize: items.length,
  }
}
