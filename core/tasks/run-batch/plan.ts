import { createHash, randomUUID } from 'node:crypto'
import type { Batch } from '../../batch/batch.ts'
import type { Choice } from '../../batch/choices.ts'
import { fillBatch } from '../../batch/fill.ts'
import type { BatchFile } from '../../batch/read.ts'
import type { Row } from '../../batch/task-keys.ts'
import type { Context } from '../../host.ts'
import type { Resolution } from '../../inputs/resolve.ts'
import { deriveRunId } from '../../names.ts'
import type { RunRecord } from '../../protocol/records.ts'
import { type Release, releaseBlobName } from '../../releases.ts'
import type { Image } from '../../world.ts'
import { digestRows, keepTaskNames, planTasks } from './rows.ts'

/** Everything that was read before the plan was made. */
export interface Facts {
  readonly file: BatchFile
  readonly params: Readonly<Record<string, string>>
  readonly release: Release | undefined
  readonly image: Image
  /** Machine types in the order in which they are asked for; at least one. */
  readonly choices: readonly Choice[]
  /** Of the tasks, when they have rows. */
  readonly rows: readonly Row[] | undefined
  /** sha256 of the agent, hex. */
  readonly agent: string
  readonly context: Context
  readonly key: Key
  /** What the inputs stand for. */
  readonly inputs: Pick<Resolution, 'inputs' | 'inputFiles'>
}

/** A run's key and its id, the name that it has in the depot. */
export interface Key {
  readonly key: string
  readonly id: string
}

/** The plan of a run: a pure function of the facts, but for the nonce. */
export function planRun(facts: Facts): RunRecord {
  const { file, params, release, image, rows, agent, context, key, inputs } = facts
  const batch = fillBatch(file, listValues(facts))
  const wish = {
    ...(release && { code: describeCode(release) }),
    machine: planMachine(batch.machine, facts.choices),
    timeoutSeconds: batch.timeoutSeconds,
    attempts: batch.attempts,
    ...(batch.checkpoint && { checkpoint: batch.checkpoint }),
    params,
    env: batch.env,
    ...(Object.keys(batch.secrets).length > 0 && { secrets: batch.secrets }),
    ...(batch.aws && { aws: batch.aws }),
    steps: batch.steps.map(planStep),
    outputs: batch.outputs.map((output, index) => ({ ...output, where: file.locate(['outputs', index]) })),
    ...planTasks(batch, rows, file.locate),
  }
  return {
    schema: 1,
    nonce: randomUUID(),
    key: key.key,
    id: key.id,
    batch: batch.name,
    // The wish as it is written: what the zones offer may change between two tries of a CI job.
    inputsDigest: digestOf({
      ...wish,
      machine: { ...batch.machine, image: undefined },
      // Not what they stand for, which may be something else a minute later.
      ...(batch.inputs.length > 0 && { inputs: batch.inputs }),
      ...(rows && { rows: digestRows(rows) }),
    }),
    by: context.by,
    ...(context.link !== undefined && { link: context.link }),
    image,
    ...wish,
    ...(inputs.inputs.length > 0 && { inputs: [...inputs.inputs] }),
    ...(inputs.inputFiles && { inputFiles: inputs.inputFiles }),
    agent,
  }
}

/** What `${{ }}` may name. */
export function listValues({
  params,
  release,
  key,
  file,
  rows,
}: Pick<Facts, 'params' | 'release' | 'key' | 'file' | 'rows'>): Readonly<Record<string, string>> {
  return {
    'run.id': key.id,
    'run.batch': file.batch.name,
    ...nameParams(params),
    ...(release && { 'code.tag': release.tag, 'code.commit': release.commit, 'code.name': release.name }),
    ...keepTaskNames(file.batch, rows),
  }
}

/** Params under the names that `${{ }}` has for them. */
export function nameParams(params: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(params).map(([name, value]) => [`params.${name}`, value]))
}

/** What a step does not have is not written: plans from before there were secrets stay as they are. */
function planStep({ secrets, ...step }: Batch['steps'][number]): RunRecord['steps'][number] {
  return { ...step, ...(Object.keys(secrets).length > 0 && { secrets }) }
}

function describeCode(release: Release): NonNullable<RunRecord['code']> {
  const { name, tag, commit, digest } = release
  return { name, tag, commit, digest, object: releaseBlobName(digest) }
}

/** The wish with what it stands for: first every type as it is preferred, then as it may be as well. */
function planMachine(
  { types: _, cpus: __, memoryMb: ___, image: ____, zones: _____, spot, ...wish }: Batch['machine'],
  choices: readonly Choice[],
): RunRecord['machine'] {
  const ways = spot === 'preferred' ? [true, false] : [spot]
  const [first, ...otherwise] = ways.flatMap((way) =>
    choices.map(({ type, zones }) => ({ type, zones: [...zones], spot: way })),
  )
  return {
    ...wish,
    ...(first as Choice & { zones: string[]; spot: boolean }),
    ...(otherwise.length > 0 && { otherwise }),
  }
}

/** The key that a run has when the caller gives none: the CI job's, so that a retried job finds its run. */
export function deriveJobKey(job: string, batch: string, params: Readonly<Record<string, string>>): Key {
  const key = `${job}/${batch}/${digestOf(params).slice(0, 12)}`
  return { key, id: deriveRunId(key) }
}

/**
 * The keys of a terminal, where every call is a new wish and yet the same command after a crash must find its run:
 * wishes for the same inputs share a base and are numbered, and only a finished one makes way for the next number.
 */
export function deriveWishBase(parts: readonly unknown[]): string {
  return deriveRunId(JSON.stringify(parts)).slice(0, 12)
}

/** The key of one of the wishes that share a base. */
export function deriveWishKey(base: string, number: number): Key {
  return { key: `terminal/${base}/${number}`, id: `${base}-${number}` }
}

function digestOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex')
}
