import type { Call, Reply, Route } from './http.ts'

type Names<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? (Name extends `${infer Tail}*` ? Tail : Name) | Names<Rest>
  : never

/** A route whose handler sees the names in its path as typed, percent-decoded `params`. */
export function route<const Path extends string>(
  name: string,
  method: string,
  path: Path,
  handle: (call: Call<Names<Path>>) => Promise<Reply> | Reply,
): Route {
  return { name, method, path, handle: handle as Route['handle'] }
}

/** Where a request goes, and what the names in the route's path stand for. */
interface Match {
  readonly route: Route
  readonly params: Readonly<Record<string, string>>
}

/** Finds the route of a request; among those that match, the one given first. */
export type Router = (method: string, pathname: string) => Match | undefined

/** Compiles the paths once, so that a request costs a few regular expressions. */
export function makeRouter(routes: readonly Route[]): Router {
  const compiled = routes.map((each) => ({ route: each, pattern: compile(each.path) }))
  return (method, pathname) => {
    for (const { route, pattern } of compiled) {
      const match = route.method === method && pattern.exec(pathname)
      const params = match && decode(match.groups ?? {})
      if (params) return { route, params }
    }
    return undefined
  }
}

// A name takes one segment of the path as sent: a slash inside an object's name travels as %2F.
function compile(path: string): RegExp {
  const parts = path.split(/(\{\w+\*?\})/).map((part) => {
    const name = /^\{(\w+)(\*?)\}$/.exec(part)
    return name ? `(?<${name[1]}>${name[2] ? '.+' : '[^/]+'})` : part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  })
  return new RegExp(`^${parts.join('')}$`)
}

function decode(groups: Readonly<Record<string, string>>): Record<string, string> | undefined {
  try {
    const names = Object.entries(groups)
    return Object.fromEntries(names.map(([name, value]) => [name, decodeURIComponent(value)]))
  } catch {
    return undefined
  }
}
