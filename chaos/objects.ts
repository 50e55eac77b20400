import { CloudError } from '../core/errors.ts'
import type { Body, Objects, WriteOptions } from '../core/world.ts'
import type { Actor } from './actor.ts'
import type { Network } from './network.ts'
import type { Storage } from './storage.ts'

/** The bucket as an actor sees it, over its network. */
export function openObjects(actor: Actor, network: Network, storage: Storage, pageSize: number): Objects {
  const insert = (name: string, body: Body, options: WriteOptions, mustBeNew: boolean) =>
    network.send(actor, {
      service: 'storage',
      method: 'insert',
      about: name,
      act: () => storage.insert(actor.name, name, textOf(body), options, mustBeNew),
      signal: options.signal,
    })
  const get = (method: string, name: string) =>
    network.send(actor, { service: 'storage', method, about: name, act: () => storage.find(name) })
  return {
    bucket: 'depot',
    create: async (name, body, options = {}) => {
      try {
        return await insert(name, body, options, true)
      } catch (error) {
        if (error instanceof CloudError && error.failure === 'exists') return 'exists'
        throw error
      }
    },
    put: (name, body, options = {}) => insert(name, body, options, false),
    stat: async (name) => (await get('stat', name))?.object,
    read: async (name) => {
      const kept = await get('read', name)
      return kept && new TextEncoder().encode(kept.text)
    },
    async *open(name) {
      const kept = await get('read', name)
      if (kept === undefined) throw new CloudError('not-found', 'storage.objects.get', name)
      yield new TextEncoder().encode(kept.text)
    },
    async *list(prefix, { startOffset = '', glob = '**' } = {}) {
      const pattern = readGlob(glob)
      // Objects that appear between two pages are seen or not, as their names fall.
      for (let from: string | undefined = startOffset; from !== undefined; ) {
        const begin: string = from
        const act = () => storage.list(prefix, begin, pattern, pageSize)
        const { page, next }: ReturnType<typeof act> = await network.send(actor, {
          service: 'storage',
          method: 'list',
          about: glob,
          act,
        })
        yield* page
        from = next
      }
    },
  }
}

/** A file's content stands for itself. */
function textOf(body: Body): string {
  if (typeof body === 'string') return body
  return body instanceof Uint8Array ? new TextDecoder().decode(body) : body.file
}

const patterns = new Map<string, RegExp>()

/** Google's matchGlob, as far as it is used: `*`, `**` and `{a,b}`. */
function readGlob(glob: string): RegExp {
  const known = patterns.get(glob)
  if (known !== undefined) return known
  const source = glob.replace(
    /\*\*|[*{},.]/g,
    (mark) => ({ '**': '.*', '*': '[^/]*', '{': '(?:', '}': ')', ',': '|', '.': '\\.' })[mark] ?? mark,
  )
  const pattern = new RegExp(`^${source}$`)
  patterns.set(glob, pattern)
  return pattern
}
