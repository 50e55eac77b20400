import { runPath } from './depot.ts'
import { InputError } from './errors.ts'
import { text } from './fields.ts'
import { findNearest } from './nearest.ts'
import { type Claim, readRun } from './protocol/claim.ts'
import type { Session } from './task.ts'
import type { Objects } from './world.ts'

/** The field by which a run is named. */
export const runField = {
  run: text({
    description:
      'The run: `runs/<batch>/<id>`, `<batch>/<id>`, or the beginning of an id that no other run shares.',
    example: 'train-recommender/0f3a',
    required: true,
    positional: true,
  }),
} as const

/** The run that a person named, however short, in a field. Throws an InputError. */
export async function findRun(
  objects: Objects,
  named: string,
  field: string,
  spell: Session['spell'],
): Promise<Claim> {
  const paths = await listPaths(objects)
  const wanted = named.replace(/\/$/, '').replace(/^(gs:\/\/[^/]+\/)?(runs\/)?/, '')
  const matches = paths.filter((path) => isNamed(path, wanted))
  const path = matches.length === 1 ? matches[0] : matches.find((match) => match === `runs/${wanted}`)
  const run = path === undefined ? undefined : await readRun(objects, path)
  if (run !== undefined && path !== undefined) return { run, path, mine: false }
  throw new InputError([{ where: spell(field), message: explain(objects.bucket, named, matches, paths) }])
}

async function listPaths(objects: Objects): Promise<readonly string[]> {
  const paths: string[] = []
  for await (const { name } of objects.list('runs/', { glob: 'runs/*/*/run.json' }))
    paths.push(name.replace(/\/run\.json$/, ''))
  return paths
}

function isNamed(path: string, wanted: string): boolean {
  const [, batch = '', id = ''] = path.split('/')
  return (
    runPath(batch, id) === `runs/${wanted}` || `${batch}/${id}`.startsWith(wanted) || id.startsWith(wanted)
  )
}

function explain(
  bucket: string,
  named: string,
  matches: readonly string[],
  paths: readonly string[],
): string {
  if (matches.length > 1)
    return `"${named}" could be any of ${matches.slice(0, 5).join(', ')}; write more of it.`
  const nearest = findNearest(
    named,
    paths.flatMap((path) => [path, path.split('/')[1] ?? '']),
  )
  const hint = nearest === undefined ? '`runs list` shows what there is.' : `Did you mean "${nearest}"?`
  return `there is no run "${named}" in gs://${bucket}. ${hint}`
}
