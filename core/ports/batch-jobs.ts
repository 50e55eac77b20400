/** What a job of Google Cloud Batch is made from; everything in it is known before the first call. */
export interface JobSpec {
  readonly id: string
  /** The region. */
  readonly location: string
  /** The job in Google's JSON, checked. */
  readonly job: object
  /** A UUID that is the same whenever the same job is meant. */
  readonly requestId: string
}

export interface JobRecord {
  readonly id: string
  readonly location: string
  /** Google's word, such as `RUNNING`. */
  readonly state: string
  readonly labels: Readonly<Record<string, string>>
  /** How many tasks are in each of Batch's states. */
  readonly counts: Readonly<Record<string, number>>
  /** What Batch says of the job, the newest last. */
  readonly events: readonly string[]
}

/** Jobs of Google Cloud Batch. Every failure is a CloudError. */
export interface BatchJobs {
  create(spec: JobSpec): Promise<void>
  job(location: string, id: string): Promise<JobRecord | undefined>
  /** Asks for the job's end and does not wait for it; one that is over or gone is no error. */
  cancel(location: string, id: string): Promise<void>
  /** In all regions, those that bear a label with this value. */
  list(label: string, value: string): Promise<readonly JobRecord[]>
}
