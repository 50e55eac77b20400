/** A limit of a project, in a region or for all of it. */
export interface Quota {
  /** Google's word, such as `CPUS` or `N2_CPUS`. */
  readonly metric: string
  readonly limit: number
  readonly usage: number
}

/** What Compute Engine says of a project. */
export interface ProjectRecord {
  /** The service account of machines that are given none. */
  readonly defaultServiceAccount?: string
  readonly quotas: readonly Quota[]
}

/** A bucket, as far as its settings may help or harm a depot. */
export interface BucketRecord {
  /** A region or a larger place, in capitals: `US-CENTRAL1`, `EU`. */
  readonly location: string
  readonly uniformAccess: boolean
  /** How long what was deleted is kept, and paid for. */
  readonly softDeleteSeconds: number
  /** How long nothing may be overwritten or deleted. */
  readonly retentionSeconds: number
  /** New objects are held until somebody releases them. */
  readonly holds: boolean
  /** A lifecycle rule deletes objects. */
  readonly expires: boolean
  readonly requesterPays: boolean
}

export interface Account {
  /** Absent where nobody tells. */
  readonly email?: string
  /** A local cloud, which asks for no credentials. */
  readonly anonymous: boolean
}

/** What Google tells of a project and of the caller's own rights in it; nothing is changed. Every failure is a CloudError. */
export interface Survey {
  /** Who the credentials belong to. Throws when there are none. */
  account(): Promise<Account>
  /** Those of the APIs, such as `compute.googleapis.com`, that are enabled. */
  enabledServices(names: readonly string[]): Promise<readonly string[]>
  project(): Promise<ProjectRecord>
  /** Of a region. */
  quotas(region: string): Promise<readonly Quota[]>
  bucket(name: string): Promise<BucketRecord>
  /** Those of the permissions that the caller has in the project. */
  heldInProject(permissions: readonly string[]): Promise<readonly string[]>
  heldOnBucket(name: string, permissions: readonly string[]): Promise<readonly string[]>
  heldOnServiceAccount(email: string, permissions: readonly string[]): Promise<readonly string[]>
}
