import type { Tasks } from './task-keys.ts'

/** A batch file, read and checked, in units that programs use. Expressions (`${{ … }}`) are still in the texts. */
export interface Batch {
  readonly name: string
  readonly machine: MachineWish
  /** The machine is gone this long after it was asked for. */
  readonly timeoutSeconds: number
  /** Machines that a run may use once work has begun. */
  readonly attempts: number
  readonly checkpoint?: Checkpoint
  /** `name@tag`, `none`, or absent: the repository at hand at the tag at hand. */
  readonly code?: string
  /** Names the run for whoever asks; the asker's own key comes before it. */
  readonly key?: string
  /** A run whose inputs have succeeded before is not run again. */
  readonly reuse: boolean
  readonly params: Readonly<Record<string, Param>>
  readonly env: Readonly<Record<string, string>>
  /** By the variable's name. */
  readonly secrets: Readonly<Record<string, SecretWish>>
  readonly aws?: Aws
  readonly inputs: readonly Input[]
  readonly steps: readonly Step[]
  readonly outputs: readonly Output[]
  readonly engine: Engine
  /** With engine cloud-batch. */
  readonly tasks?: Tasks
  readonly notify: Notify
}

/** What runs a batch: one machine of its own, or a job of Google Cloud Batch with a machine for each task at a time. */
type Engine = 'vm' | 'cloud-batch'

/** What people are told of runs, where there is a way to tell them. */
export interface Notify {
  readonly slack: boolean
  readonly on: readonly Occasion[]
}

/** `recovery`: the first success after a failure of the same batch. */
export type Occasion = 'failure' | 'recovery' | 'success'

export interface MachineWish {
  /** Family, image name, or `project/` and one of them. */
  readonly image: string
  /** Machine types by name, tried in order; otherwise the smallest that has `cpus` and `memoryMb`, then its siblings. */
  readonly types?: readonly string[]
  readonly cpus?: number
  readonly memoryMb?: number
  readonly diskGb?: number
  /** Tried in order. */
  readonly zones: readonly string[]
  /** `preferred`: a standard machine when there is no spot one. */
  readonly spot: boolean | 'preferred'
  /** How long to go on asking while every zone is sold out. */
  readonly patienceSeconds?: number
  readonly serviceAccount?: string
  readonly subnetwork?: string
  readonly externalIp: boolean
}

/** What is kept of the work while it goes on, and restored on the next attempt. */
interface Checkpoint {
  /** A folder below the work directory. */
  readonly path: string
  readonly everySeconds: number
}

export type ParamType = 'string' | 'number' | 'boolean' | 'date' | 'choice'

export interface Param {
  readonly type: ParamType
  readonly description?: string
  /** Absent: the param is required. */
  readonly default?: string
  /** Of a choice. */
  readonly options?: readonly string[]
  /** Of a date, such as `Asia/Tokyo`: whose day `today` is. UTC when absent. */
  readonly timeZone?: string
}

/** A secret of Secret Manager's that steps are given. */
export interface SecretWish {
  /** The machine's own when absent. */
  readonly project?: string
  readonly secret: string
  /** A number, `latest`, or another alias. */
  readonly version: string
  /** `file`: the variable holds the path of a file with the value. */
  readonly as: 'variable' | 'file'
}

export interface Step {
  readonly name: string
  /** A shell script; with a container and no script, the container's own command runs. */
  readonly run?: string
  readonly container?: string
  readonly env: Readonly<Record<string, string>>
  readonly secrets: Readonly<Record<string, SecretWish>>
  readonly timeoutSeconds?: number
  /** Further tries after a failure of the step itself. */
  readonly retries: number
  /** `always`: runs also after a step has failed. */
  readonly if: 'success' | 'always'
}

/** What S3 needs beside credentials. */
interface Aws {
  readonly region?: string
  /** ARN of a role that the machine takes with its own Google identity. */
  readonly role?: string
  /** Of a server that speaks S3, other than AWS's. */
  readonly endpoint?: string
}

export interface Input {
  /** `gs://bucket/…`, `s3://bucket/…` or `run:batch/run/output/…`; a folder ends in "/", and a glob has `*`. */
  readonly from: string
  /** A folder or a file below the work directory. */
  readonly to: string
}

type OutputCondition = 'success' | 'failure' | 'always'

type CellType = 'string' | 'int64' | 'float64' | 'bytes'

export interface Output {
  /** A file or folder below the work directory. */
  readonly path: string
  /** In the depot and in reports; the path's last part where none is written. */
  readonly name: string
  /** `gs://bucket/prefix/`, `s3://bucket/prefix/` or `bigtable://instance/table`. */
  readonly to?: string
  readonly when: OutputCondition
  /** For Bigtable: the column that is a row's key, or a text with columns in braces. */
  readonly key?: string
  /** For Bigtable: of all cells. */
  readonly family?: string
  /** For Bigtable: of columns whose values are no text. */
  readonly types?: Readonly<Record<string, CellType>>
}
