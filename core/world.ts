import type { CloudError } from './errors.ts'
import type { Log } from './host.ts'
import type { Destination } from './notify/destination.ts'
import type { Message } from './notify/message.ts'

/** Time as the program sees it; a deadline of the cloud's is never read from here. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Resolves after `ms`, or at once when the signal aborts (it never rejects). */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

/** What an object is made of: bytes in memory, or a file that is streamed. */
export type Body = string | Uint8Array | { readonly file: string }

export interface StoredObject {
  readonly name: string
  /** Bytes. */
  readonly size: number
  /** int64, as Google writes it. */
  readonly generation: string
  /** Big-endian base64, as Google writes it. */
  readonly crc32c: string
  /** Milliseconds since the epoch, on Google's clock. */
  readonly created: number
  readonly metadata: Readonly<Record<string, string>>
}

export interface WriteOptions {
  readonly contentType?: string
  readonly metadata?: Readonly<Record<string, string>>
  /** Sent ahead, so that the server refuses a flipped bit instead of storing it. */
  readonly crc32c?: string
  readonly signal?: AbortSignal
}

interface ListOptions {
  /** Names from this one on, in byte order. */
  readonly startOffset?: string
  /** Google's matchGlob. */
  readonly glob?: string
}

/** The objects of one bucket. Every failure is a CloudError. */
export interface Objects {
  readonly bucket: string
  /**
   * Creates an object that must not exist (ifGenerationMatch=0). `exists` may mean our own write whose answer was
   * lost (https://cloud.google.com/storage/docs/request-preconditions): read back before drawing a conclusion.
   */
  create(name: string, body: Body, options?: WriteOptions): Promise<StoredObject | 'exists'>
  /** Writes whether or not an object of the name exists. */
  put(name: string, body: Body, options?: WriteOptions): Promise<StoredObject>
  stat(name: string): Promise<StoredObject | undefined>
  /** The whole object, checked against its crc32c. */
  read(name: string): Promise<Uint8Array | undefined>
  /** The object's bytes as they come, checked against size and crc32c at the end. Throws not-found. */
  open(name: string): AsyncIterable<Uint8Array>
  /** In byte order of names. */
  list(prefix: string, options?: ListOptions): AsyncIterable<StoredObject>
}

export interface Image {
  readonly name: string
  readonly id: string
  readonly selfLink: string
  readonly family?: string
}

export interface MachineType {
  readonly name: string
  readonly cpus: number
  readonly memoryMb: number
}

/** What a machine is created from; everything in it is known before the first call. */
export interface InstanceSpec {
  readonly name: string
  readonly zone: string
  readonly machineType: string
  /** selfLink of the image. */
  readonly image: string
  readonly diskGb?: number
  readonly spot: boolean
  /** Google deletes the machine this long after it began to run. */
  readonly maxRunSeconds: number
  readonly labels: Readonly<Record<string, string>>
  /** Metadata attributes. Never a secret: anyone who may view the instance reads them. */
  readonly metadata: Readonly<Record<string, string>>
  readonly serviceAccount?: string
  readonly subnetwork?: string
  readonly externalIp: boolean
  /** A UUID that is the same whenever the same insert is meant. */
  readonly requestId: string
}

export interface Instance {
  readonly name: string
  /** int64, as Google writes it; another instance of the same name has another id. */
  readonly id: string
  readonly zone: string
  readonly status: string
  readonly labels: Readonly<Record<string, string>>
}

/** An operation that was to create an instance, as Google tells of it afterwards. */
interface FailedInsert {
  /** The operation's id: int64, as Google writes it. */
  readonly id: string
  readonly error: CloudError
}

/** Compute Engine. Every failure is a CloudError; operations are awaited and their errors thrown. */
export interface Compute {
  /** By image name or family, with an optional project (`project/family`). The newest of a family that is not deprecated. */
  image(reference: string): Promise<Image>
  machineTypes(zone: string): Promise<readonly MachineType[]>
  /** Resolves when Google says that the instance was created. */
  insert(spec: InstanceSpec): Promise<void>
  /** By name or id. */
  instance(zone: string, name: string): Promise<Instance | undefined>
  /** Asks for deletion and does not wait for it; an instance that is gone already is no error. */
  remove(zone: string, name: string, requestId: string): Promise<void>
  diskExists(zone: string, name: string): Promise<boolean>
  removeDisk(zone: string, name: string): Promise<void>
  /** The newest creation of an instance of this name that failed. */
  failedInsert(zone: string, name: string): Promise<FailedInsert | undefined>
  /** The end of the serial console, for a diagnosis before the machine goes. */
  serialTail(zone: string, name: string): Promise<string>
}

/** A persistent disk. */
export interface Disk {
  readonly name: string
  /** int64, as Google writes it. */
  readonly id: string
  readonly zone: string
  readonly status: string
  readonly labels: Readonly<Record<string, string>>
  /** An instance has it, on or off. */
  readonly attached: boolean
  /** When it was made, attached or detached last: milliseconds since the epoch, on Google's clock. */
  readonly touched: number
}

/** What every zone has of something. A zone that did not answer is unknown, not empty. */
export interface Listing<Item> {
  readonly items: readonly Item[]
  readonly unseenZones: readonly string[]
  /** When Google answered: milliseconds since the epoch, on its clock. */
  readonly time: number
}

/** Instances and disks in all zones of one project. Every failure is a CloudError. */
export interface Fleet {
  /** Those, of any status, that bear a label with this value. */
  instances(label: string, value: string): Promise<Listing<Instance>>
  disks(label: string, value: string): Promise<Listing<Disk>>
  disksNamed(prefix: string): Promise<Listing<Disk>>
  disk(zone: string, name: string): Promise<Disk | undefined>
}

/** An image with all that decides about its fate. */
export interface ImageRecord extends Image {
  readonly labels: Readonly<Record<string, string>>
  /** Changes with the labels; Google wants it back with new ones. */
  readonly labelFingerprint: string
  /** Milliseconds since the epoch, on Google's clock. */
  readonly created: number
  /** `PENDING`, `READY`, `FAILED` or `DELETING`. */
  readonly status: string
  readonly deprecation?: Deprecation
}

/** https://cloud.google.com/compute/docs/images/image-management-best-practices#deprecate_or_delete */
export interface Deprecation {
  /** A family leads to no image that is not ACTIVE. */
  readonly state: 'ACTIVE' | 'DEPRECATED' | 'OBSOLETE' | 'DELETED'
  /** selfLink of the image to use in its place. */
  readonly replacement?: string
  /** When it may be deleted, ISO 8601. Google only remembers it. */
  readonly deleted?: string
}

/** The images of one project. Every failure is a CloudError; operations are awaited and their errors thrown. */
export interface Images {
  find(name: string): Promise<ImageRecord | undefined>
  /** Those that bear a label with this value, newest first. */
  list(label: string, value: string): Promise<readonly ImageRecord[]>
  setFamily(name: string, family: string): Promise<void>
  /** Adds labels to those that it has. */
  label(image: ImageRecord, labels: Readonly<Record<string, string>>): Promise<void>
  deprecate(name: string, deprecation: Deprecation): Promise<void>
  remove(name: string): Promise<void>
  /** Whether a disk of the project was made from it. */
  isUsed(image: ImageRecord): Promise<boolean>
}

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

/** A release's archive on the local disk, with what its making told. */
export interface Archive extends AsyncDisposable {
  /** The compressed archive; absent when only the digest was asked for. */
  readonly file?: string
  /** sha256 of the tar before compression, hex: the digest that decides. */
  readonly digest: string
  /** Bytes of the tar. */
  readonly size: number
  readonly compressedSize: number
  readonly crc32c: string
  /** Entries that are no directories. */
  readonly files: number
  /** Files of attributes that hand files to Git LFS: the archive holds only pointers to those. */
  readonly lfs: readonly string[]
}

export interface Tag {
  readonly name: string
  /** The commit that the tag leads to. */
  readonly commit: string
}

/** The git repository around the working directory. */
export interface Git {
  /** `owner/name` of the origin remote, else the directory's name. */
  repository(): Promise<string>
  /** Undefined when the repository has no such tag. */
  tag(name: string): Promise<Tag | undefined>
  /** Tags on the checked-out commit, in git's order. */
  tagsAtHead(): Promise<readonly string[]>
  /** Every tag, in git's order. */
  tags(): Promise<readonly string[]>
  /** The whole id of a commit; undefined when the clone does not have it. */
  commit(id: string): Promise<string | undefined>
  isShallow(): Promise<boolean>
  /** Tracked files of the work tree that are not as the commit has them. */
  changes(commit: string): Promise<readonly string[]>
  /** The tree of a commit as a deterministic tar. Compressed to a file unless `digestOnly`. */
  archive(commit: string, options: ArchiveOptions): Promise<Archive>
}

export interface ArchiveOptions {
  readonly submodules: boolean
  readonly digestOnly: boolean
  readonly onProgress?: (bytes: number) => void
  readonly signal?: AbortSignal
}

/** Files of the working directory. */
export interface Files {
  /** Undefined when there is no such file. */
  read(path: string): Promise<string | undefined>
}

/** The agent that this very version puts on machines. */
export interface AgentBundle {
  /** sha256, hex. */
  readonly digest: string
  readonly file: string
  /** The startup script that finds the agent on a machine and runs it: a constant. */
  readonly bootstrap: string
}

/**
 * What Mayfly decides of an image's build. The names are those of Packer's googlecompute builder, and each comes to the
 * template as the variable of that name; one that the template does not declare is not heard.
 */
interface BuildSettings {
  readonly project_id: string
  readonly zone: string
  readonly image_name: string
  readonly image_description: string
  readonly image_labels: Readonly<Record<string, string>>
  /** Name of the image to begin with, and its project. */
  readonly source_image: string
  readonly source_image_project_id: string
  readonly machine_type: string
  /** Gigabytes. */
  readonly disk_size: number
  readonly instance_name: string
  /** Of the builder machine, for whoever looks for leftovers. */
  readonly labels: Readonly<Record<string, string>>
  readonly max_run_duration_in_seconds: number
  readonly subnetwork?: string
  readonly service_account_email?: string
  /** Packer reaches the machine by its internal address. */
  readonly use_internal_ip: boolean
}

/** An image to be made by Packer and Ansible. */
export interface ImageBuild {
  /** A Packer template of the team's own, a file or a folder. Without it, Mayfly's: the playbook, and what a batch needs. */
  readonly template?: string
  /** An Ansible playbook, which Mayfly's own template runs. */
  readonly playbook?: string
  /** Container images to be in the machine image already. */
  readonly containers: readonly string[]
  readonly settings: BuildSettings
  /** The caller's: of the template, or of the playbook. Never in arguments. */
  readonly variables: Readonly<Record<string, string>>
  /** More of them, whose values are in environment variables of these names and stay out of every log. */
  readonly secrets: Readonly<Record<string, string>>
}

interface BuildOptions {
  readonly log: Log
  /** Cancels: Packer is asked to clean up, and waited for. */
  readonly signal: AbortSignal
  /** Aborts when there can be no image, and no machine to clean up: Packer is ended at once, and the reason thrown. */
  readonly hopeless: AbortSignal
}

/** Packer and Ansible. Every failure is a CommandError or, when a tool or a file is missing, an InputError. */
export interface Builder {
  /** Versions of the tools. Throws an InputError that says what is missing or too old, and how to get it. */
  tools(build: ImageBuild): Promise<Readonly<Record<string, string>>>
  /** `packer validate` and `ansible-playbook --syntax-check`. Makes nothing. */
  validate(build: ImageBuild, options: Pick<BuildOptions, 'log' | 'signal'>): Promise<void>
  /** Makes the image, of no family; gives the name that Packer's manifest tells. */
  build(build: ImageBuild, options: BuildOptions): Promise<string>
}

/** A message that was sent: what its thread is called. */
export interface SlackPost {
  /** The channel's id. */
  readonly channel: string
  /** Slack's timestamp, which is a message's name. */
  readonly ts: string
}

interface PostOptions {
  /** For one try. */
  readonly timeoutMs: number
  readonly signal?: AbortSignal
  /** The message goes into the thread of that one, and is shown in the channel too. */
  readonly thread?: SlackPost
}

/** Slack, or what takes its messages. Every failure is an Error whose message has no secret in it. */
export interface Slack {
  /** Undefined from a webhook, which tells nothing of its message. */
  post(message: Message, options: PostOptions): Promise<SlackPost | undefined>
}

/** The page of a tag's release on the repository's own site. */
interface ReleasePage {
  readonly id: number
  /** Markdown. */
  readonly body: string
}

/** Release pages. Every failure is an Error whose message has no secret in it. */
export interface ReleasePages {
  /** Undefined when the tag has none, or the token may not see it. */
  find(repository: string, tag: string): Promise<ReleasePage | undefined>
  write(repository: string, page: ReleasePage): Promise<void>
}

/**
 * All that a task may touch. Cloud ports are opened on first use, so that a task without a machine never loads
 * Compute Engine.
 */
export interface World {
  readonly clock: Clock
  readonly git: Git
  readonly files: Files
  objects(bucket: string): Promise<Objects>
  compute(project: string): Promise<Compute>
  images(project: string): Promise<Images>
  fleet(project: string): Promise<Fleet>
  survey(project: string): Promise<Survey>
  agent(): Promise<AgentBundle>
  builder(): Promise<Builder>
  slack(destination: Destination): Promise<Slack>
  releasePages(token: string): Promise<ReleasePages>
}
