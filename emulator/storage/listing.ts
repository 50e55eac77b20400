import { GoogleError } from '../errors.ts'
import { compileGlob } from './glob.ts'
import { compareNames, findPlace } from './names.ts'

/** One page of a bucket's names: `names` are objects, `prefixes` the folders that stand for others. */
export interface Page {
  readonly names: readonly string[]
  readonly prefixes: readonly string[]
  readonly nextPageToken?: string
}

const largestPage = 1000

/** Lists names, which come in Cloud Storage's order, as objects.list would for this query. */
export function listNames(names: readonly string[], query: URLSearchParams): Page {
  const prefix = query.get('prefix') ?? ''
  const delimiter = query.get('delimiter')
  const endOffset = query.get('endOffset')
  const glob = query.get('matchGlob')
  const matches = glob === null ? undefined : compileGlob(glob)
  const pageSize = readPageSize(query)

  const starts = [prefix, query.get('startOffset') ?? '', readPageToken(query)]
  const start = starts.reduce((latest, each) => (compareNames(each, latest) > 0 ? each : latest))

  const found: string[] = []
  const prefixes = new Set<string>()
  for (let at = findPlace(names, start); at < names.length; at++) {
    const name = names[at] as string
    if (!name.startsWith(prefix) || (endOffset && compareNames(name, endOffset) >= 0)) break
    if (matches && !matches.test(name)) continue
    const end = delimiter ? name.indexOf(delimiter, prefix.length) : -1
    const folder = end < 0 ? undefined : name.slice(0, end + (delimiter ?? '').length)
    if (folder !== undefined && prefixes.has(folder)) continue
    if (found.length + prefixes.size === pageSize) {
      return { names: found, prefixes: [...prefixes], nextPageToken: Buffer.from(name).toString('base64url') }
    }
    if (folder === undefined) found.push(name)
    else prefixes.add(folder)
  }
  return { names: found, prefixes: [...prefixes] }
}

// A token is the name its page begins with, so that a page stays right whatever is created or deleted meanwhile.
function readPageToken(query: URLSearchParams): string {
  return Buffer.from(query.get('pageToken') ?? '', 'base64url').toString()
}

function readPageSize(query: URLSearchParams): number {
  const asked = query.get('maxResults')
  if (asked === null) return largestPage
  if (!/^\d+$/.test(asked)) throw new GoogleError(400, 'invalid', `Invalid value for maxResults: '${asked}'`)
  return Math.min(Number(asked) || largestPage, largestPage)
}
