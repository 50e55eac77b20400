import { randomUUID } from 'node:crypto'
import { linkSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/**
 * Resources on disk, a JSON file each, under their own links (`projects/p/zones/z/instances/i`). No record is cached, so
 * that two emulators on one directory see the same; everything is synchronous, so that a read and the write that
 * follows from it are one step.
 */
export interface Records {
  read<T>(link: string): T | undefined
  /** False, and nothing is done, when the link is taken. */
  create(link: string, value: unknown): boolean
  write(link: string, value: unknown): void
  remove(link: string): void
  /** A resource as it is now; undefined when it is gone, even if another one has its name. */
  refresh<T extends Identified>(resource: T): T | undefined
  /** A record of a collection, by name or numeric id. */
  find<T extends Named>(collection: string, nameOrId: string): T | undefined
  /** All records of a collection, by name. */
  list<T>(collection: string): readonly T[]
  /** The names of what is directly under a link: `projects` gives the projects. */
  folders(link: string): readonly string[]
  /** Calls `fn` after each change to the link in this process; the function it returns ends that. */
  watch(link: string, fn: () => void): () => void
}

interface Named {
  readonly id: string
  readonly name: string
}

interface Identified {
  readonly id: string
  readonly selfLink: string
}

/** Opens the records kept in a directory. */
export function openRecords(directory: string): Records {
  const watchers = new Map<string, Set<() => void>>()
  // Where an id was seen last: a hint, which saves reading ten thousand records for one, and is checked.
  const links = new Map<string, string>()
  const fileOf = (link: string) => join(directory, `${link}.json`)
  const notify = (link: string) => {
    for (const fn of watchers.get(link) ?? []) fn()
  }

  /** Writes beside the file first: a reader never sees half a record. */
  function stage(file: string, value: unknown): string {
    const staged = `${file}.${randomUUID()}`
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(staged, JSON.stringify(value, null, 1))
    return staged
  }

  function read<T>(link: string): T | undefined {
    const text = unless('ENOENT', () => readFileSync(fileOf(link), 'utf8'))
    return text === undefined ? undefined : (JSON.parse(text) as T)
  }

  function list<T>(collection: string): readonly T[] {
    const files = unless('ENOENT', () => readdirSync(join(directory, collection))) ?? []
    const names = files.filter((file) => file.endsWith('.json')).map((file) => file.slice(0, -5))
    // A record that another process removes meanwhile is no part of the list.
    return names.sort().flatMap((name) => read<T>(`${collection}/${name}`) ?? [])
  }

  return {
    read,
    list,
    refresh<T extends Identified>({ id, selfLink }: T) {
      const current = read<T>(selfLink)
      return current?.id === id ? current : undefined
    },
    find<T extends Named>(collection: string, nameOrId: string) {
      if (!/^\d/.test(nameOrId)) return read<T>(`${collection}/${nameOrId}`)
      const known = links.get(`${collection}/${nameOrId}`)
      const record = known === undefined ? undefined : read<T>(known)
      if (record?.id === nameOrId) return record
      const found = list<T>(collection)
      links.clear()
      for (const { id, name } of found) links.set(`${collection}/${id}`, `${collection}/${name}`)
      return found.find(({ id }) => id === nameOrId)
    },
    create(link, value) {
      const file = fileOf(link)
      const staged = stage(file, value)
      const taken = unless('EEXIST', () => [linkSync(staged, file)]) === undefined
      rmSync(staged)
      if (!taken) notify(link)
      return !taken
    },
    write(link, value) {
      const file = fileOf(link)
      renameSync(stage(file, value), file)
      notify(link)
    },
    remove(link) {
      rmSync(fileOf(link), { force: true })
      notify(link)
    },
    folders(link) {
      const entries =
        unless('ENOENT', () => readdirSync(join(directory, link), { withFileTypes: true })) ?? []
      return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
    },
    watch(link, fn) {
      const set = watchers.get(link) ?? new Set()
      watchers.set(link, set.add(fn))
      return () => {
        set.delete(fn)
        if (set.size === 0) watchers.delete(link)
      }
    },
  }
}

function unless<T>(code: string, act: () => T): T | undefined {
  try {
    return act()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === code) return undefined
    throw error
  }
}
