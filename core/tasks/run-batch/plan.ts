import { createHash, randomUUID } from 'node:crypto'
import type { Batch } from '../../batch/batch.ts'
import type { Context } from '../../host.ts'
import { deriveRunId } from '../../names.ts'
import type { PlannedOutput, RunRecord } from '../../protocol/records.ts'
import type { Release } from '../../releases.ts'
import { fillTemplate } from '../../template.ts'
import type { Image, MachineType } from '../../world.ts'

/** Everything that was read before the plan was made. */
export interface Facts {
  readonly batch: Batch
  /** `batch.yaml:31`, of an output. */
  readonly where: (output: number) => string
  readonly params: Readonly<Record<string, string>>
  readonly release: (Release & { readonly object: string }) | undefined
  readonly image: Image
  readonly machineType: Pick<MachineType, 'name'>
  readonly agent: string
  readonly context: Context
  readonly key: Key
}

/** A run's key and its id, the name that it has in the depot. */
export interface Key {
  readonly key: string
  readonly id: string
}

/** The plan of a run: a pure function of the facts, but for the nonce. */
export function planRun(facts: Facts): RunRecord {
  const { batch, context, release, key } = facts
  const values = listValues(facts)
  const fill = (texts: Readonly<Record<string, string>>) =>
    mapValues(texts, (text) => fillTemplate(text, values))
  const wish = {
    code: release && {
      name: release.name,
      tag: release.tag,
      commit: release.commit,
      digest: release.digest,
      object: release.object,
    },
    machine: planMachine(facts),
    timeoutSeconds: batch.timeoutSeconds,
    attempts: batch.attempts,
    params: facts.params,
    env: fill(batch.env),
    steps: batch.steps.map((step) => ({
      ...step,
      env: fill(step.env),
      ...(step.container !== undefined && { container: fillTemplate(step.container, values) }),
    })),
    outputs: batch.outputs.map((output, index) => planOutput(output, facts.where(index), values)),
  }
  return {
    schema: 1,
    nonce: randomUUID(),
    key: key.key,
    id: key.id,
    batch: batch.name,
    inputsDigest: digestOf(wish),
    by: context.by,
    ...(context.link !== undefined && { link: context.link }),
    image: facts.image,
    ...omitUndefined(wish),
    agent: facts.agent,
  }
}

/** What `${{ }}` may name. */
function listValues({ params, release, key, batch }: Facts): Readonly<Record<string, string>> {
  return {
    'run.id': key.id,
    'run.batch': batch.name,
    ...Object.fromEntries(Object.entries(params).map(([name, value]) => [`params.${name}`, value])),
    ...(release && { 'code.tag': release.tag, 'code.commit': release.commit, 'code.name': release.name }),
  }
}

function planMachine({ batch: { machine }, machineType }: Facts): RunRecord['machine'] {
  return {
    type: machineType.name,
    zones: [...machine.zones],
    spot: machine.spot,
    externalIp: machine.externalIp,
    ...(machine.diskGb !== undefined && { diskGb: machine.diskGb }),
    ...(machine.serviceAccount !== undefined && { serviceAccount: machine.serviceAccount }),
    ...(machine.subnetwork !== undefined && { subnetwork: machine.subnetwork }),
  }
}

function planOutput(
  output: Batch['outputs'][number],
  where: string,
  values: Readonly<Record<string, string>>,
): PlannedOutput {
  const name = output.name ?? (output.path.replace(/\/+$/, '').split('/').at(-1) as string)
  const to = output.to === undefined ? undefined : fillTemplate(output.to, values)
  return {
    path: output.path,
    name: fillTemplate(name, values),
    when: output.when,
    where,
    ...(to !== undefined && { to }),
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

function mapValues<Value, Result>(
  record: Readonly<Record<string, Value>>,
  change: (value: Value) => Result,
): Record<string, Result> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]))
}

function omitUndefined<Value extends object>(value: Value): Value {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as Value
}
