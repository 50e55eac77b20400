// The description of Compute Engine's API weighs 12 MB, for some nine hundred methods. A bundle carries the ones that
// adapters/google/compute.ts calls, with every type that they lead to.

/** protobufjs's JSON form of a namespace, a message, an enum or a service. */
interface Description {
  readonly nested?: Readonly<Record<string, Description>>
  readonly fields?: Readonly<Record<string, { readonly type: string; readonly keyType?: string }>>
  readonly methods?: Readonly<Record<string, { readonly requestType: string; readonly responseType: string }>>
}

/** Service → methods, by the names that the API has for them. */
export type UsedMethods = Readonly<Record<string, readonly string[]>>

const home = ['google', 'cloud', 'compute', 'v1'] as const

/** The same description with nothing in `google.cloud.compute.v1` that the methods do not need. */
export function pruneProtos(root: Description, used: UsedMethods): Description {
  const all = home.reduce((at, name) => at.nested?.[name] ?? {}, root).nested ?? {}
  const kept: Record<string, Description> = {}
  for (const [service, methods] of Object.entries(used)) kept[service] = pruneService(all, service, methods)
  const waiting = Object.values(kept).flatMap(listTypes)
  for (let type = waiting.pop(); type !== undefined; type = waiting.pop()) {
    const name = type.replace(/^\.?google\.cloud\.compute\.v1\./, '').split('.')[0] as string
    const description = all[name]
    if (description === undefined || name in kept) continue
    kept[name] = description
    waiting.push(...listTypes(description))
  }
  return replaceAt(root, home, kept)
}

function pruneService(
  all: Readonly<Record<string, Description>>,
  service: string,
  methods: readonly string[],
) {
  const description = all[service]
  const missing = methods.filter((method) => description?.methods?.[method] === undefined)
  if (missing.length > 0) throw new Error(`Compute Engine's ${service} has no ${missing.join(', ')}.`)
  const entries = Object.entries(description?.methods ?? {}).filter(([method]) => methods.includes(method))
  return { ...description, methods: Object.fromEntries(entries) }
}

/** The types that a description refers to, its own nested ones' included. */
function listTypes({ fields = {}, methods = {}, nested = {} }: Description): readonly string[] {
  return [
    ...Object.values(fields).map(({ type }) => type),
    ...Object.values(methods).flatMap(({ requestType, responseType }) => [requestType, responseType]),
    ...Object.values(nested).flatMap(listTypes),
  ]
}

/** Everything as it was but for the place itself, and for the other versions of the API that lie beside it. */
function replaceAt(
  at: Description,
  [name, ...rest]: readonly string[],
  nested: Readonly<Record<string, Description>>,
): Description {
  if (name === undefined) return { ...at, nested }
  const inner = replaceAt(at.nested?.[name] ?? {}, rest, nested)
  const siblings = name === 'v1' ? {} : at.nested
  return { ...at, nested: { ...siblings, [name]: inner } }
}
