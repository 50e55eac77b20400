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
