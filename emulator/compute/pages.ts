import type { Call, Reply } from '../http.ts'
import { invalid } from './errors.ts'
import { readFilter } from './filter.ts'
import { render } from './links.ts'
import { type Gate, unavailable } from './troubles.ts'
import { zones } from './zones.ts'

/** What can stand in a list. */
export interface Listed {
  readonly id: string
  readonly name: string
}

interface Page<T> {
  readonly items: readonly T[]
  readonly nextPageToken?: string
}

/** The answer of a list; `kind` is `instance`, `collection` the link of what is listed. */
export function replyList(call: Call, kind: string, collection: string, all: readonly Listed[]): Reply {
  const { origin } = call.url
  const newestFirst = call.query.get('orderBy') === 'creationTimestamp desc'
  const kept = all.filter(readFilter(call.query.get('filter')))
  const page = cutPage(call, kept, newestFirst ? ({ id }) => id : ({ name }) => name, newestFirst)
  return {
    json: {
      kind: `compute#${kind}List`,
      id: collection,
      ...(page.items.length > 0 && { items: render(page.items, origin) }),
      ...(page.nextPageToken && { nextPageToken: page.nextPageToken }),
      selfLink: render(collection, origin),
    },
  }
}

/** The answer of an aggregatedList: what is in every zone, with a warning for the zones that give nothing. */
export function replyAggregatedList(
  call: Call,
  gate: Gate,
  kind: string,
  project: string,
  listZone: (zone: string) => readonly Listed[],
): Reply {
  const { origin } = call.url
  const lost = zones.filter((zone) => !gate.isReachable(zone))
  if (lost[0] && call.query.get('returnPartialSuccess') !== 'true') throw unavailable(lost[0])
  const keep = readFilter(call.query.get('filter'))
  const reached = zones.filter((zone) => !lost.includes(zone))
  const all = reached.flatMap((zone) =>
    listZone(zone)
      .filter(keep)
      .map((item) => ({ zone, item })),
  )
  const page = cutPage(call, all, ({ zone, item }) => `${zone}/${item.name}`, false)
  const scopes = zones.map((zone) => {
    const items = page.items.filter((each) => each.zone === zone).map(({ item }) => item)
    if (lost.includes(zone)) return [`zones/${zone}`, warn('UNREACHABLE', zone)]
    return [
      `zones/${zone}`,
      items.length > 0 ? { [`${kind}s`]: render(items, origin) } : warn('NO_RESULTS_ON_PAGE', zone),
    ]
  })
  const collection = `projects/${project}/aggregated/${kind}s`
  return {
    json: {
      kind: `compute#${kind}AggregatedList`,
      id: collection,
      items: Object.fromEntries(scopes),
      ...(page.nextPageToken && { nextPageToken: page.nextPageToken }),
      ...(lost.length > 0 && { unreachables: lost.map((zone) => `zones/${zone}`) }),
      selfLink: render(collection, origin),
    },
  }
}

function warn(code: 'UNREACHABLE' | 'NO_RESULTS_ON_PAGE', zone: string): object {
  const message =
    code === 'UNREACHABLE'
      ? `The scope 'zones/${zone}' is unreachable.`
      : `There are no results for scope 'zones/${zone}' on this page.`
  return { warning: { code, message, data: [{ key: 'scope', value: `zones/${zone}` }] } }
}

/** What a call asks for of all: in the order of their keys, at most 500. A token is the last key given. */
function cutPage<T extends object>(
  { query }: Call,
  all: readonly T[],
  keyOf: (item: T) => string,
  descending: boolean,
): Page<T> {
  const direction = descending ? -1 : 1
  const compare = (a: string, b: string) => (a < b ? -direction : a > b ? direction : 0)
  const size = readSize(query.get('maxResults'))
  const token = query.get('pageToken')
  const after = token && Buffer.from(token, 'base64url').toString()
  const left = all
    .filter((item) => !after || compare(keyOf(item), after) > 0)
    .sort((a, b) => compare(keyOf(a), keyOf(b)))
  const items = left.slice(0, size)
  const last = items.at(-1)
  if (!last || items.length === left.length) return { items }
  return { items, nextPageToken: Buffer.from(keyOf(last)).toString('base64url') }
}

function readSize(maxResults: string | null): number {
  const size = Number(maxResults ?? 500)
  if (Number.isInteger(size) && size >= 0 && size <= 500) return size || 500
  throw invalid('maxResults', maxResults, 'It must be an integer between 0 and 500.')
}
