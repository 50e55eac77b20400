import { createHash, randomUUID } from 'node:crypto'
import * as z from 'zod/mini'
import type { BatchFile } from '../../batch/read.ts'
import { reuseObject, runObjects } from '../../depot.ts'
import { InputError } from '../../errors.ts'
import { type Claim, readRun } from '../../protocol/claim.ts'
import {
  type ManifestRecord,
  manifestRecord,
  parseRecord,
  type ResultRecord,
  type RunRecord,
  resultRecord,
  writeRecord,
} from '../../protocol/records.ts'
import type { Objects } from '../../world.ts'

/**
 * sha256 of all that decides what a run comes to: two with the same have the same result. Where, how long and how often
 * it may run is not of it. Throws an InputError for a container that may be another one tomorrow.
 */
export function digestWork(
  { code, image, params, env, secrets, aws, inputs = [], inputFiles, steps, outputs }: RunRecord,
  { locate }: BatchFile,
): string {
  const unknown = inputs.flatMap(({ from, where, resolved }) =>
    resolved
      ? []
      : [{ where, message: `reuse has to know what ${from} holds, and only the machine may look there.` }],
  )
  const loose = steps.flatMap(({ container }, index) =>
    container === undefined || isFixed(container)
      ? []
      : [
          {
            where: locate(['steps', index, 'container']),
            message: `reuse takes a container by its digest, such as ${container.replace(/:[^/]*$/, '')}@sha256:…, got ${container}, which may be another image tomorrow. \`mayfly runs show\` has the digests of a run.`,
          },
        ],
  )
  const problems = [...unknown, ...loose]
  if (problems.length > 0) throw new InputError(problems)
  const work = {
    code: code?.digest,
    image: image.id,
    params,
    env,
    secrets,
    aws,
    // The list's digest stands for the files' generations and places.
    inputs: inputFiles?.sha256,
    steps,
    outputs: outputs.map(({ where: _, ...output }) => output),
  }
  return createHash('sha256').update(JSON.stringify(work)).digest('hex')
}

/** The machine's own image brings those of `localhost/`. */
function isFixed(container: string): boolean {
  return /@sha256:[0-9a-f]{64}$/.test(container) || container.startsWith('localhost/')
}

const reuseRecord = z.object({
  schema: z.literal(1),
  nonce: z.string(),
  /** `runs/<batch>/<id>` */
  run: z.string(),
  attempt: z.number(),
})

/** Keeps that this work has been done by a run. Any that has done it is as good as another. */
export async function rememberWork(
  objects: Objects,
  batch: string,
  digest: string,
  { run, attempt }: { readonly run: string; readonly attempt: number },
): Promise<void> {
  const record = { schema: 1, nonce: randomUUID(), run, attempt }
  await objects.put(reuseObject(batch, digest), writeRecord(record), { contentType: 'application/json' })
}

/** A run that has done this work, and whose outputs are all as it has stored them. */
export async function findWork(
  objects: Objects,
  batch: string,
  digest: string,
  open: (bucket: string) => Promise<Objects>,
): Promise<Claim | undefined> {
  const name = reuseObject(batch, digest)
  const bytes = await objects.read(name)
  if (bytes === undefined) return undefined
  const { run: path, attempt } = parseRecord(reuseRecord, name, bytes)
  const resultName = runObjects.result(path, attempt)
  const [run, resultBytes] = await Promise.all([readRun(objects, path), objects.read(resultName)])
  // Both may have been deleted since: old runs are somebody's to clear away.
  if (run === undefined || resultBytes === undefined) return undefined
  const result = parseRecord(resultRecord, resultName, resultBytes)
  if (result.state !== 'succeeded' || !(await isStored(result, objects, open))) return undefined
  return { run, path, mine: false, reused: true }
}

async function isStored(
  { manifest, outputs }: ResultRecord,
  objects: Objects,
  open: (bucket: string) => Promise<Objects>,
): Promise<boolean> {
  if (manifest === undefined) return outputs.length === 0
  const bytes = await objects.read(manifest.object)
  if (bytes === undefined) return false
  const { files } = parseRecord(manifestRecord, manifest.object, bytes)
  for (const { name, uri } of outputs) {
    const wanted = files.filter(({ output }) => output === name)
    if (!(await holds(uri, wanted, open))) return false
  }
  return true
}

/** Whether a place still has these very files: one that was written over since is of another run. */
async function holds(
  uri: string,
  wanted: ManifestRecord['files'],
  open: (bucket: string) => Promise<Objects>,
): Promise<boolean> {
  const [, bucket, prefix = ''] = /^gs:\/\/([^/]+)\/(.*)$/.exec(uri) ?? []
  // What lies elsewhere cannot be looked at from here.
  if (bucket === undefined) return false
  const left = new Map(wanted.map((file) => [file.uri, file.generation]))
  for await (const { name, generation } of (await open(bucket)).list(prefix)) {
    const key = `gs://${bucket}/${name}`
    if (left.get(key) === generation) left.delete(key)
  }
  return left.size === 0
}
