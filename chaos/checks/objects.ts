import type { History } from '../history.ts'
import { describe, type Run, type Violation } from './promised.ts'

/** I5: a release's objects never change, and whoever was told of a success has the code that he uploaded. */
export function checkReleases({ writes, told }: History): readonly Violation[] {
  const pointer = writes.find(({ name }) => name.startsWith('code/') && name.endsWith('.json'))
  const digest = pointer && (JSON.parse(pointer.text) as { digest: string }).digest
  return [
    ...writes
      .filter(({ name, replaced }) => replaced && name.startsWith('code/'))
      .map(({ name, by }) => ({ invariant: 'I5 release', what: `${by} replaced ${name}` })),
    ...told
      .filter((each) => each.digest !== undefined && each.digest !== digest)
      .map((each) => ({ invariant: 'I5 release', what: `${describe(each)}; the tag has ${digest}` })),
  ]
}

/** I6: whoever looks for the newest attempts finds each: its entry was there before it. */
export function checkEntries({ writes }: History, { path }: Run): readonly Violation[] {
  return writes.flatMap(({ name, by }, at) => {
    const [, folder = '', number] = /^(.*)\/a(\d+)\/attempt\.json$/.exec(name) ?? []
    if (folder !== path) return []
    const entry = new RegExp(`^recent/.*-${folder.split('/').at(-1)}-a${number}$`)
    const found = writes.slice(0, at).some((write) => entry.test(write.name))
    return found ? [] : [{ invariant: 'I6 entry', what: `${by} opened ${name} without its entry` }]
  })
}

/** I6: every record is written once. */
export function checkRecords({ writes }: History, { path }: Run): readonly Violation[] {
  return writes
    .filter(({ name, replaced }) => replaced && name.startsWith(`${path}/`) && !name.includes('/outputs/'))
    .map(({ name, by }) => ({ invariant: 'I6 record', what: `${by} replaced ${name}` }))
}
