import { CloudError } from '../../core/errors.ts'
import type { Survey } from '../../core/world.ts'
import { attempt } from './cloud-errors.ts'
import type { Answer, Transport } from './transport.ts'

// Google's client keeps to itself what decides here: which zones are missing from a list, and when it was answered.

/** What is listed, and how it is read. */
interface Subject<Kind extends string, Resource, Item> {
  readonly project: string
  /** The project's address. */
  readonly home: string
  readonly kind: Kind
  readonly read: (zone: string, resource: Resource) => Item
}

interface Warning {
  readonly code?: string
  readonly data?: readonly { readonly key?: string; readonly value?: string }[]
}

/** A page of an aggregatedList; the keys of `items` are scopes such as `zones/us-central1-a`. */
interface Page {
  readonly items?: Readonly<Record<string, { readonly warning?: Warning }>>
  readonly unreachables?: readonly string[]
  readonly warning?: Warning
  readonly nextPageToken?: string
}

/** Lists what the filter keeps in every zone, without failing for a zone that does not answer. */
export async function surveyZones<const Kind extends string, Resource, Item>(
  transport: Transport,
  subject: Subject<Kind, Resource, Item>,
  filter: string,
): Promise<Survey<Item>> {
  const { project, home, kind, read } = subject
  const wish = { method: `compute.${kind}.aggregatedList`, about: `${kind} of project ${project}` }
  const items: Item[] = []
  const unseen = new Set<string>()
  let time: number | undefined
  let pageToken: string | undefined
  do {
    const query = new URLSearchParams({ filter, maxResults: '500', returnPartialSuccess: 'true' })
    if (pageToken !== undefined) query.set('pageToken', pageToken)
    const url = `${home}/aggregated/${kind}?${query}`
    const page = await attempt(wish, async () => {
      const answer = await transport.send({ http: 'GET', url })
      time ??= readTime(answer, wish.method)
      return JSON.parse(new TextDecoder().decode(answer.body)) as Page
    })
    for (const [scope, content] of Object.entries(page.items ?? {})) {
      if (isLoss(content.warning)) unseen.add(nameZone(scope))
      // A region's are none of ours.
      if (!scope.startsWith('zones/')) continue
      const resources = (content as Readonly<Record<string, readonly Resource[] | undefined>>)[kind] ?? []
      items.push(...resources.map((resource) => read(nameZone(scope), resource)))
    }
    for (const scope of page.unreachables ?? []) unseen.add(nameZone(scope))
    if (isLoss(page.warning)) for (const scope of listScopes(page.warning)) unseen.add(nameZone(scope))
    pageToken = page.nextPageToken
  } while (pageToken !== undefined && pageToken !== '')
  return { items, unseenZones: [...unseen].sort(), time: time as number }
}

/** That a zone has nothing comes as a warning too. */
function isLoss(warning: Warning | undefined): warning is Warning {
  return warning !== undefined && warning.code !== 'NO_RESULTS_ON_PAGE'
}

function listScopes({ code, data = [] }: Warning): readonly string[] {
  const scopes = data.flatMap(({ key, value }) => (key === 'scope' && value !== undefined ? [value] : []))
  return scopes.length > 0 ? scopes : [`unknown (${code})`]
}

/** `us-central1-a` of `zones/us-central1-a` or `projects/p/zones/us-central1-a`; a region keeps its `regions/`. */
function nameZone(scope: string): string {
  return scope.replace(/^.*zones\//, '')
}

/** Google's time, to the second. */
function readTime({ headers }: Answer, method: string): number {
  const time = Date.parse(headers.get('date') ?? '')
  if (!Number.isNaN(time)) return time
  const message = `the answer has no readable Date header (${headers.get('date') ?? 'none'}), and a deadline is judged by no other clock. Is there a proxy in between that takes it away?`
  throw new CloudError('unknown', method, message)
}
