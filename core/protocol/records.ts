import * as z from 'zod/mini'
import { exitCodes, MayflyError } from '../errors.ts'

// What passes between controller, machine and anyone who looks later. Each is an object that is created once; its
// nonce tells the writer whose answer was lost that the object is its own.

const texts = z.record(z.string(), z.string())
const count = z.number()

const release = z.object({
  name: z.string(),
  tag: z.string(),
  commit: z.string(),
  /** `sha256:` and hex, of the tar. */
  digest: z.string(),
  /** The archive's object name in the depot. */
  object: z.string(),
})

/** A secret by its variable: `version` may be an alias; `project` is the machine's own when absent. */
const secret = z.object({
  project: z.optional(z.string()),
  secret: z.string(),
  version: z.string(),
  as: z.enum(['variable', 'file']),
})
export type PlannedSecret = z.infer<typeof secret>

const secrets = z.optional(z.record(z.string(), secret))

const step = z.object({
  name: z.string(),
  run: z.optional(z.string()),
  container: z.optional(z.string()),
  env: texts,
  secrets,
  timeoutSeconds: z.optional(count),
  retries: count,
  if: z.enum(['success', 'always']),
})

/** What an input stands for: decided once for a run, and the same for all its attempts. */
const resolvedInput = z.object({
  /** Of what is fetched: an object, a folder with "/" at its end, or a pattern. */
  uri: z.string(),
  files: count,
  bytes: count,
  /** Of the object, when it is one. */
  generation: z.optional(z.string()),
  /** `runs/<batch>/<id>` of the run whose output it is. */
  run: z.optional(z.string()),
})

const input = z.object({
  from: z.string(),
  to: z.string(),
  /** Where the input is declared, for messages. */
  where: z.string(),
  /** Absent where only the machine may look: S3. */
  resolved: z.optional(resolvedInput),
})

/** An object that holds a record, and the sha256 of its bytes, hex. */
const digested = z.object({ object: z.string(), sha256: z.string() })

const output = z.object({
  path: z.string(),
  name: z.string(),
  /** `gs://`, `s3://` or `bigtable://`; absent: the depot, below the attempt's outputs, under the name. */
  to: z.optional(z.string()),
  key: z.optional(z.string()),
  family: z.optional(z.string()),
  types: z.optional(z.record(z.string(), z.enum(['string', 'int64', 'float64', 'bytes']))),
  when: z.enum(['success', 'failure', 'always']),
  /** Where the output is declared, for messages. */
  where: z.string(),
})

/** A way to have the machine: a type, as a spot machine or not, in zones that offer it. */
const choice = z.object({ type: z.string(), zones: z.array(z.string()), spot: z.boolean() })
export type Choice = z.infer<typeof choice>

/** run.json: the claim on a run key, and the plan that every attempt follows. */
export const runRecord = z.object({
  schema: z.literal(1),
  nonce: z.string(),
  key: z.string(),
  id: z.string(),
  batch: z.string(),
  /** sha256 of all that the asker decides; another one under the same key is a conflict. */
  inputsDigest: z.string(),
  by: z.string(),
  link: z.optional(z.string()),
  code: z.optional(release),
  image: z.object({ name: z.string(), id: z.string(), selfLink: z.string(), family: z.optional(z.string()) }),
  machine: z.object({
    type: z.string(),
    zones: z.array(z.string()),
    diskGb: z.optional(count),
    spot: z.boolean(),
    /** What is asked for next, in order, when no zone has room for that. */
    otherwise: z.optional(z.array(choice)),
    /** How long to go on asking when none has room; 10 minutes when absent. */
    patienceSeconds: z.optional(count),
    serviceAccount: z.optional(z.string()),
    subnetwork: z.optional(z.string()),
    externalIp: z.boolean(),
  }),
  timeoutSeconds: count,
  attempts: count,
  /** A folder below the work directory that the next attempt goes on from. */
  checkpoint: z.optional(z.object({ path: z.string(), everySeconds: count })),
  params: texts,
  env: texts,
  /** Names only: values are read by the machine, and stay there. */
  secrets,
  aws: z.optional(
    z.object({
      region: z.optional(z.string()),
      role: z.optional(z.string()),
      endpoint: z.optional(z.string()),
    }),
  ),
  inputs: z.optional(z.array(input)),
  /** The files of all inputs that are resolved. */
  inputFiles: z.optional(digested),
  steps: z.array(step),
  outputs: z.array(output),
  /** Absent: one machine of its own. */
  engine: z.optional(z.literal('cloud-batch')),
  /** Of a job of Google Cloud Batch; `columns` are those of the rows, when tasks have them. */
  tasks: z.optional(z.object({ count, parallelism: count, columns: z.optional(z.array(z.string())) })),
  /** sha256 of the agent, hex. */
  agent: z.string(),
})
export type RunRecord = z.infer<typeof runRecord>
export type PlannedStep = RunRecord['steps'][number]
export type PlannedInput = NonNullable<RunRecord['inputs']>[number]
export type PlannedOutput = RunRecord['outputs'][number]

/** attempt.json: one machine's worth of a run, written before the machine is asked for. */
export const attemptRecord = z.object({
  schema: z.literal(1),
  nonce: z.string(),
  number: count,
  instance: z.string(),
  /** The try of the CI job that opened the attempt. */
  jobAttempt: count,
  /** The tasks that it is for, where these are not all: `0-4,7`. */
  tasks: z.optional(z.string()),
})
export type AttemptRecord = z.infer<typeof attemptRecord>

/** started.json: the fence. Whoever creates it decides whether the attempt's work begins. */
export const startedRecord = z.object({
  schema: z.literal(1),
  nonce: z.string(),
  by: z.enum(['machine', 'controller']),
  /** Of the machine that may work. */
  instanceId: z.optional(z.string()),
  zone: z.optional(z.string()),
})
export type StartedRecord = z.infer<typeof startedRecord>

export const resultStates = ['succeeded', 'failed', 'timed-out', 'cancelled', 'preempted', 'lost'] as const
export type ResultState = (typeof resultStates)[number]

/** Why a run failed, where the state does not say it. */
const failureReasons = [
  'user',
  'outputs',
  'image-pull',
  'stockout',
  'quota',
  'permission',
  'bad-input',
  'unknown',
] as const
export type FailureReason = (typeof failureReasons)[number]

const stepResult = z.object({
  name: z.string(),
  state: z.enum(['succeeded', 'failed', 'timed-out', 'skipped']),
  exitCode: z.optional(count),
  /** `SIGKILL`, when a signal ended it. */
  signal: z.optional(z.string()),
  seconds: count,
  tries: count,
  container: z.optional(z.string()),
  /** The container image's digest, as it was pulled. */
  containerDigest: z.optional(z.string()),
})
export type StepResult = z.infer<typeof stepResult>

const outputResult = z.object({
  name: z.string(),
  path: z.string(),
  uri: z.string(),
  files: count,
  bytes: count,
})
export type OutputResult = z.infer<typeof outputResult>

const inputResult = z.extend(resolvedInput, { from: z.string(), to: z.string() })
export type InputResult = z.infer<typeof inputResult>

const phase = z.object({ name: z.string(), seconds: count })
export type Phase = z.infer<typeof phase>

/** How the machine was had. */
export const placementRecord = z.object({
  type: z.string(),
  spot: z.boolean(),
  /** What was sold out before. */
  soldOut: z.array(z.object({ type: z.string(), zone: z.string(), spot: z.boolean() })),
})
export type Placement = z.infer<typeof placementRecord>
export type SoldOut = Placement['soldOut'][number]

/** How the tasks of a run stand, over all its attempts. */
const tallyRecord = z.object({
  count,
  /** What the tries of this attempt took, one after another. */
  seconds: count,
  /** By state; those that failed, by their reason. */
  classes: z.record(z.string(), count),
  /** Those that did not succeed: `0-4,7`. */
  unfinished: z.string(),
  /** The first of them. */
  failures: z.array(z.object({ task: count, state: z.string(), exitCode: count, message: z.string() })),
})
export type Tally = z.infer<typeof tallyRecord>

/** result.json: written last, once, by whoever wins. */
export const resultRecord = z.object({
  schema: z.literal(1),
  nonce: z.string(),
  by: z.enum(['machine', 'controller']),
  state: z.enum(resultStates),
  reason: z.optional(z.enum(failureReasons)),
  exitCode: count,
  /** One sentence: what happened, and what to do. */
  message: z.string(),
  /** The step that decided, when one did. */
  step: z.optional(z.string()),
  /** False when no step can have begun: another machine is no repetition. */
  began: z.boolean(),
  instanceId: z.optional(z.string()),
  zone: z.optional(z.string()),
  placement: z.optional(placementRecord),
  /** The versions of secrets that were read: `projects/NUMBER/secrets/NAME/versions/7`. */
  secrets: z.optional(z.array(z.string())),
  /** Manifests of the checkpoint that the attempt went on from, and of the last one that it kept. */
  checkpoint: z.optional(z.object({ restored: z.optional(z.string()), kept: z.optional(z.string()) })),
  /** What was fetched before the first step. */
  inputs: z.optional(z.readonly(z.array(inputResult))),
  steps: z.array(stepResult),
  phases: z.array(phase),
  outputs: z.array(outputResult),
  tasks: z.optional(tallyRecord),
  /** The manifest's object name and sha256, when there are outputs. */
  manifest: z.optional(digested),
})
export type ResultRecord = z.infer<typeof resultRecord>

const manifestFile = z.object({
  output: z.string(),
  path: z.string(),
  uri: z.string(),
  size: count,
  crc32c: z.string(),
  /** Of an object in Cloud Storage. */
  generation: z.optional(z.string()),
  /** Of an object in S3: its ETag, and its version where the bucket keeps versions. */
  etag: z.optional(z.string()),
  version: z.optional(z.string()),
  /** Of a file whose rows went to Bigtable. */
  rows: z.optional(count),
})

/** manifest.json: every file that a run has stored. */
export const manifestRecord = z.object({ schema: z.literal(1), files: z.array(manifestFile) })
export type ManifestRecord = z.infer<typeof manifestRecord>
export type ManifestFile = z.infer<typeof manifestFile>

const inputFile = z.object({
  /** Counts the run's inputs, from 0. */
  input: count,
  /** Below the work directory. */
  path: z.string(),
  uri: z.string(),
  size: count,
  crc32c: z.optional(z.string()),
  generation: z.optional(z.string()),
  etag: z.optional(z.string()),
  version: z.optional(z.string()),
})
export type InputFile = z.infer<typeof inputFile>

/** The exact files that a run's inputs stand for. */
export const inputFilesRecord = z.object({ schema: z.literal(1), files: z.array(inputFile) })

/** One piece of what an attempt said; a log chunk is JSON Lines of these, and the chunks' numbers give the order. */
export const logEntry = z.union([
  z.object({ output: z.string() }),
  z.object({ step: z.string() }),
  z.object({ note: z.string() }),
])
/** Text of a step as it came; the beginning of a step; a line of the agent's own. */
export type LogEntry = z.infer<typeof logEntry>

/** A record's bytes. */
export function writeRecord(record: object): string {
  return `${JSON.stringify(record)}\n`
}

/** Checks what was read back from the depot; an unreadable record is an error, never a guess. */
export function parseRecord<Schema extends z.core.$ZodType>(
  schema: Schema,
  name: string,
  bytes: Uint8Array,
): z.infer<Schema> {
  const { success, data, error } = z.safeParse(schema, readJson(name, bytes))
  if (success) return data
  throw refuseRecord(name, z.prettifyError(error), error)
}

function readJson(name: string, bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch (cause) {
    throw refuseRecord(name, (cause as Error).message, cause)
  }
}

function refuseRecord(name: string, why: string, cause: unknown): MayflyError {
  const message = `${name}: not a record that this version of Mayfly understands:\n${why}\nWas it written by a newer version, or by hand?`
  return new MayflyError(message, exitCodes.unknown, { cause })
}
