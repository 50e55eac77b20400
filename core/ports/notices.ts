import type { Message } from '../notify/message.ts'

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

/** How work on a commit stands, where its repository's site shows it. */
export interface CommitRecord {
  readonly kind: 'status' | 'deployment'
  /** `owner/name` */
  readonly repository: string
  readonly commit: string
  /** What the work is called; of a deployment, the environment. */
  readonly name: string
  /** Where a person reads on. */
  readonly link?: string
  /** Of a deployment that was opened. */
  readonly id?: number
}

export interface RecordState {
  readonly state: 'pending' | 'success' | 'failure' | 'error'
  /** One line. */
  readonly text: string
}

export interface RecordOptions {
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
}

/** Records of work on commits. Every failure is an Error whose message has no secret in it. */
export interface CommitRecords {
  /** Makes what has states; gives what `set` wants. Of a status, there is nothing to make. */
  open(record: CommitRecord, options: RecordOptions): Promise<CommitRecord>
  set(record: CommitRecord, state: RecordState, options: RecordOptions): Promise<void>
}
