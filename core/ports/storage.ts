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
  /** How many one call asks for, where few are wanted; whoever goes on reading is given all. */
  readonly pageSize?: number
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
  /**
   * The object's bytes as they come, checked against size and crc32c at the end; of this generation, if one is given.
   * Throws not-found.
   */
  open(name: string, generation?: string): AsyncIterable<Uint8Array>
  /** In byte order of names. */
  list(prefix: string, options?: ListOptions): AsyncIterable<StoredObject>
}
