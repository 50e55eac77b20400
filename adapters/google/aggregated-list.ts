import { CloudError } from '../../core/errors.ts'
import type { Listing } from '../../core/world.ts'
import { attempt } from './cloud-errors.ts'
import { type Answer, readJson, type Transport } from './transport.ts'

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
interface Page<Kind extends string, Resource> {
  readonly items?: Readonly<Record<string, Scope<Kind, Resource>>>
  readonly unreachables?: readonly string[]
  readonly warning?: Warning
  readonly nextPageToken?: string
}

type Scope<Kind extends string, Resource> = { readonly warning?: Warning } & {
  readonly [Name in Kind]?: readonly Resource[]
}

/** Lists what the filter keeps in every zone, without failing for a zone that does not answer. */
export async function surveyZones<const Kind extends string, Resource, Item>(
  transport: Transport,
  subject: Subject<Kind, Resource, Item>,
  filter: string,
): Promise<Listing<Item>> {
  const { kind, read } = subject
  const { pages, time } = await readPages(transport, subject, filter)
  const scopes = pages.flatMap(({ items = {} }) => Object.entries(items))
  return {
    // A region's are none of ours.
    items: scopes.flatMap(([scope, content]) =>
      scope.startsWith('zones/') ? (content[kind] ?? []).map((each) => read(nameZone(scope), each)) : [],
    ),
    unseenZones: [...new Set(pages.flatMap(listUnseen).map(nameZone))].sort(),
    time,
  }
}

async function readPages<Kind extends string, Resource, Item>(
  transport: Transport,
  { project, home, kind }: Subject<Kind, Resource, Item>,
  filter: string,
) {
  const wish = { method: `compute.${kind}.aggregatedList`, about: `${kind} of project ${project}` }
  const pages: Page<Kind, Resource>[] = []
  const times: number[] = []
  for (let pageToken: string | undefined; pages.length === 0 || pageToken; ) {
    const query = new URLSearchParams({ filter, maxResults: '500', returnPartialSuccess: 'true' })
    if (pageToken) query.set('pageToken', pageToken)
    const url = `${home}/aggregated/${kind}?${query}`
    const page = await attempt(wish, async () => {
      const answer = await transport.send({ http: 'GET', url })
      times.push(readTime(answer, wish.method))
      return readJson<Page<Kind, Resource>>(answer)
    })
    pages.push(page)
    pageToken = page.nextPageToken
  }
  // The earliest: whatever is over then, is over.
  return { pages, time: Math.min(...times) }
}

/** The scopes that a page says it could not list, in each of the ways that Google has for it. */
function listUnseen<Kind extends string, Resource>(page: Page<Kind, Resource>): readonly string[] {
  const { items = {}, unreachables = [], warning } = page
  const lost = Object.entries(items).flatMap(([scope, content]) => (isLoss(content.warning) ? [scope] : []))
  return [...lost, ...unreachables, ...(isLoss(warning) ? listScopes(warning) : [])]
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
