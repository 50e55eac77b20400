// https://cloud.google.com/batch/docs/reference/rest/v1/projects.locations.jobs, in the JSON of the wire: numbers of 64
// bits are texts, durations end in "s".

export type Variables = Readonly<Record<string, string>>

export interface Runnable {
  readonly script?: { readonly text?: string; readonly path?: string }
  readonly container?: object
  readonly barrier?: object
  readonly displayName?: string
  readonly ignoreExitStatus?: boolean
  readonly background?: boolean
  readonly alwaysRun?: boolean
  readonly environment?: { readonly variables?: Variables }
  readonly timeout?: string
}

interface LifecyclePolicy {
  readonly action?: 'RETRY_TASK' | 'FAIL_TASK' | 'ACTION_UNSPECIFIED'
  readonly actionCondition?: { readonly exitCodes?: readonly number[] }
}

export interface TaskSpec {
  readonly runnables?: readonly Runnable[]
  readonly computeResource?: { readonly cpuMilli?: string; readonly memoryMib?: string }
  readonly maxRunDuration?: string
  readonly maxRetryCount?: number
  readonly lifecyclePolicies?: readonly LifecyclePolicy[]
  readonly environment?: { readonly variables?: Variables }
  readonly volumes?: readonly object[]
}

export interface TaskGroup {
  readonly name?: string
  readonly taskSpec?: TaskSpec
  readonly taskCount?: string | number
  readonly parallelism?: string | number
  readonly taskCountPerNode?: string | number
  readonly schedulingPolicy?: string
  readonly taskEnvironments?: readonly { readonly variables?: Variables }[]
}

interface InstancePolicy {
  readonly machineType?: string
  readonly provisioningModel?: string
  readonly bootDisk?: { readonly image?: string; readonly sizeGb?: string | number; readonly type?: string }
}

export interface AllocationPolicy {
  readonly location?: { readonly allowedLocations?: readonly string[] }
  readonly instances?: readonly { readonly policy?: InstancePolicy; readonly instanceTemplate?: string }[]
  readonly serviceAccount?: { readonly email?: string }
  readonly labels?: Readonly<Record<string, string>>
  readonly network?: {
    readonly networkInterfaces?: readonly {
      readonly network?: string
      readonly subnetwork?: string
      readonly noExternalIpAddress?: boolean
    }[]
  }
}

export type JobState =
  | 'QUEUED'
  | 'SCHEDULED'
  | 'RUNNING'
  | 'SUCCEEDED'
  | 'FAILED'
  | 'CANCELLATION_IN_PROGRESS'
  | 'CANCELLED'
  | 'DELETION_IN_PROGRESS'

export type TaskState = 'PENDING' | 'ASSIGNED' | 'RUNNING' | 'FAILED' | 'SUCCEEDED' | 'UNEXECUTED'

export interface StatusEvent {
  readonly type: 'STATUS_CHANGED' | 'OPERATIONAL_INFO'
  readonly description: string
  readonly eventTime: string
  readonly taskExecution?: { readonly exitCode: number }
  readonly taskState?: TaskState
}

/** What jobs.create takes. */
export interface JobBody {
  readonly priority?: string | number
  readonly taskGroups?: readonly TaskGroup[]
  readonly allocationPolicy?: AllocationPolicy
  readonly labels?: Readonly<Record<string, string>>
  readonly logsPolicy?: { readonly destination?: string; readonly logsPath?: string }
}

/** A job as it is kept: its tasks are beside it. */
export interface Job extends JobBody {
  /** `projects/p/locations/l/jobs/j` */
  readonly name: string
  readonly uid: string
  readonly createTime: string
  readonly updateTime: string
  readonly status: {
    readonly state: JobState
    readonly statusEvents: readonly StatusEvent[]
    readonly runDuration: string
  }
  /** What no client sees. */
  readonly local: {
    readonly project: string
    readonly location: string
    readonly taskCount: number
    readonly parallelism: number
    /** Milliseconds since 1970. */
    readonly runningSince?: number
  }
}

export function isOver(state: JobState): boolean {
  return state === 'SUCCEEDED' || state === 'FAILED' || state === 'CANCELLED'
}

/** The task spec of a job that was checked. */
export function specOf({ taskGroups }: JobBody): TaskSpec {
  return taskGroups?.[0]?.taskSpec ?? {}
}

/** Seconds of a duration such as `3600s`; undefined when there is none. */
export function readSeconds(duration: string | undefined): number | undefined {
  return duration === undefined ? undefined : Number(duration.replace(/s$/, ''))
}
