import { listInputs } from '../../inputs/report.ts'
import { readAttempts } from '../../protocol/attempts.ts'
import { readRun } from '../../protocol/claim.ts'
import type { InputResult, ResultState, RunRecord } from '../../protocol/records.ts'
import { formatBytes } from '../../units.ts'
import type { ImageRecord, Images, Objects } from '../../world.ts'

/** What a run was made of, and what that was made of. */
export interface Lineage {
  /** `runs/<batch>/<id>` */
  readonly run: string
  readonly state: ResultState | 'running'
  /** The commit, where the image is one of Mayfly's and still there. */
  readonly image: { readonly name: string; readonly repository?: string; readonly commit?: string }
  readonly code?: Pick<NonNullable<RunRecord['code']>, 'name' | 'tag' | 'commit'>
  readonly inputs: readonly (InputResult & { readonly of?: Lineage })[]
}

/** Where the chain is read from. */
export interface Archive {
  readonly objects: Objects
  readonly images: Images
}

/** A model that is trained further every day has a chain without an end. */
const mostRuns = 20

/** Follows a run's inputs to the runs that they came from, each run once. */
export async function traceLineage(archive: Archive, path: string): Promise<Lineage | undefined> {
  const seen = new Set<string>()
  const images = new Map<string, Promise<ImageRecord | undefined>>()
  const trace = async (at: string): Promise<Lineage | undefined> => {
    if (seen.has(at) || seen.size === mostRuns) return undefined
    seen.add(at)
    const [run, attempts] = await Promise.all([
      readRun(archive.objects, at),
      readAttempts(archive.objects, at),
    ])
    if (run === undefined) return undefined
    const result = attempts.at(-1)?.result
    const { name } = run.image
    const image = images.get(name) ?? findImage(archive.images, run.image)
    images.set(name, image)
    const inputs: Lineage['inputs'][number][] = []
    for (const input of result?.inputs ?? listInputs(run.inputs)) {
      const of = input.run === undefined ? undefined : await trace(input.run)
      inputs.push({ ...input, ...(of && { of }) })
    }
    return {
      run: at,
      state: result?.state ?? 'running',
      image: { name, ...describeOrigin(await image) },
      ...(run.code && { code: { name: run.code.name, tag: run.code.tag, commit: run.code.commit } }),
      inputs,
    }
  }
  return trace(path)
}

/** One of another project, or one that may not be looked at, is no more than its name. */
async function findImage(images: Images, { name, id }: RunRecord['image']): Promise<ImageRecord | undefined> {
  const found = await images.find(name).catch(() => undefined)
  return found?.id === id ? found : undefined
}

function describeOrigin(image: ImageRecord | undefined): { repository?: string; commit?: string } {
  const { 'mayfly-repository': repository, 'mayfly-commit': commit } = image?.labels ?? {}
  return { ...(repository !== undefined && { repository }), ...(commit !== undefined && { commit }) }
}

/** The chain as lines, what a thing was made of below it. */
export function drawLineage({ image, code, inputs }: Lineage, depth = 1): readonly string[] {
  const line = (label: string, text: string) => `${'  '.repeat(depth)}${label.padEnd(8)} ${text}`
  const { repository, commit } = image
  const origin = commit === undefined ? '' : `, made of ${repository} at ${commit.slice(0, 12)}`
  return [
    line('image', `${image.name}${origin}`),
    ...(code === undefined
      ? []
      : [line('code', `${code.name}@${code.tag}, commit ${code.commit.slice(0, 12)}`)]),
    ...inputs.flatMap(({ to, uri, bytes, run, of }) => [
      line('input', `${to} (${formatBytes(bytes)}) from ${run === undefined ? uri : `${run}: ${uri}`}`),
      ...(of === undefined ? [] : drawLineage(of, depth + 1)),
    ]),
  ]
}
