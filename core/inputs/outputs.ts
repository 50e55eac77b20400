import { createHash } from 'node:crypto'
import { suggestNearest } from '../nearest.ts'
import { readAttempts } from '../protocol/attempts.ts'
import { type ManifestFile, manifestRecord, parseRecord, type ResultRecord } from '../protocol/records.ts'
import { isOver, scanRuns } from '../run-traces.ts'
import type { Objects } from '../world.ts'
import { compileGlob } from './glob.ts'
import type { Selection, Source } from './source.ts'
import type { Finding, Found, Nothing } from './targets.ts'

type OutputSource = Extract<Source, { readonly kind: 'run' }>

/** A run that has ended, and its last result. */
interface EndedRun {
  /** `runs/<batch>/<id>` */
  readonly path: string
  readonly result: ResultRecord
}

/** The files of an earlier run's output, as that run stored them. */
export async function findOutput(source: OutputSource, depot: Objects): Promise<Finding | Nothing> {
  const { run: id, output } = source
  const run = id === 'latest-success' ? await findLatest(source, depot) : await findRun(source, depot)
  if ('why' in run) return run
  const { path, result } = run
  const stored = result.outputs.find(({ name }) => name === output)
  if (stored === undefined) return { why: explainOutput(path, output, result) }
  if (stored.uri.startsWith('bigtable://'))
    return { why: `the output ${output} of ${path} went to ${stored.uri}, and rows cannot be fetched.` }
  if (result.tasks)
    return {
      why: `each task of ${path} has an output ${output} of its own. Name them by a glob of Cloud Storage: from: "${stored.uri}" where it is a file, and "${stored.uri}/**" where it is a folder.`,
    }
  const isFolder = stored.uri.endsWith('/')
  if (!isFolder && source.name !== '') return { why: `the output ${output} of ${path} is a single file.` }
  const manifest = await readManifest(depot, path, result)
  if ('why' in manifest) return manifest
  const all = manifest.files.filter((file) => file.output === output)
  const selection: Selection = isFolder ? source : { shape: 'file', name: all[0]?.path ?? '', folder: '' }
  const isMeant = matchSelection(selection)
  const files = all.filter(({ path }) => isMeant(path)).map(describe)
  const uri = isFolder ? stored.uri + source.name : stored.uri
  if (files.length > 0) return { files, selection, uri, run: path }
  const hint = suggestNearest(
    source.name,
    all.map((file) => file.path),
  )
  return {
    why: `the output ${output} of ${path} has no ${source.name} among its ${all.length} files.${hint}`,
  }
}

function matchSelection({ shape, name }: Selection): (path: string) => boolean {
  if (shape === 'folder') return (path) => path.startsWith(name)
  if (shape === 'file') return (path) => path === name
  const pattern = compileGlob(name)
  return (path) => pattern.test(path)
}

function describe({ output: _, path, rows: __, ...file }: ManifestFile): Found {
  return { name: path, ...file }
}

async function findRun({ batch, run }: OutputSource, depot: Objects): Promise<EndedRun | Nothing> {
  const path = `runs/${batch}/${run}`
  const result = (await readAttempts(depot, path)).at(-1)?.result
  if (result !== undefined) return { path, result }
  const runs = await scanRuns(depot, batch)
  if (runs.has(path)) return { why: `${path} has not ended yet.` }
  const hint = suggestNearest(
    run,
    [...runs.keys()].map((each) => each.split('/').at(-1) ?? ''),
  )
  return { why: `there is no run ${path} in gs://${depot.bucket}.${hint}` }
}

/** The run that was the last to end in success. */
async function findLatest({ batch }: OutputSource, depot: Objects): Promise<EndedRun | Nothing> {
  const runs = await scanRuns(depot, batch)
  const ended = [...runs].filter(([, traces]) => isOver(traces)).sort(([, a], [, b]) => b.ended - a.ended)
  let newest: EndedRun | undefined
  for (const [path] of ended) {
    const result = (await readAttempts(depot, path)).at(-1)?.result
    if (result?.state === 'succeeded') return { path, result }
    if (result !== undefined) newest ??= { path, result }
  }
  return { why: await explainNoSuccess(batch, depot, runs.size, newest) }
}

async function explainNoSuccess(
  batch: string,
  depot: Objects,
  count: number,
  newest: EndedRun | undefined,
): Promise<string> {
  if (newest !== undefined)
    return `no run of ${batch} has ever succeeded; of ${count} in gs://${depot.bucket} the newest, ${newest.path}, ended as ${newest.result.state}.`
  if (count > 0) return `no run of ${batch} has ended yet; there are ${count} in gs://${depot.bucket}.`
  const batches = new Set(
    [...(await scanRuns(depot, undefined)).keys()].map((path) => path.split('/')[1] ?? ''),
  )
  return `there is no run of ${batch} in gs://${depot.bucket}.${suggestNearest(batch, [...batches])}`
}

function explainOutput(path: string, output: string, { state, outputs }: ResultRecord): string {
  const names = outputs.map(({ name }) => name)
  const has = names.length === 0 ? 'It has none' : `It has ${names.join(', ')}`
  return `${path} (${state}) has no output ${output}.${suggestNearest(output, names) || ` ${has}.`}`
}

async function readManifest(depot: Objects, path: string, { manifest }: ResultRecord) {
  if (manifest === undefined) return { why: `${path} has no manifest of its outputs.` }
  const bytes = await depot.read(manifest.object)
  const name = `gs://${depot.bucket}/${manifest.object}`
  if (bytes === undefined) return { why: `${name}, the manifest of ${path}, is gone.` }
  if (createHash('sha256').update(bytes).digest('hex') !== manifest.sha256)
    return {
      why: `${name} is not the manifest that ${path} has written: its sha256 differs from the result's.`,
    }
  return parseRecord(manifestRecord, name, bytes)
}
