import type { ManifestFile } from '../../core/protocol/records.ts'
import type { FoundFile } from '../files.ts'

/** A place that takes the files of one output. */
export interface Sink {
  /** Of all of it, for reports. */
  readonly uri: string
  /** Stores a file, and goes on trying until the deadline. */
  store(file: FoundFile): Promise<StoredFile>
}

/** A file as its place keeps it. */
type StoredFile = Omit<ManifestFile, 'output' | 'path'>

/** A bucket and the folder in it, with a slash at its end where it has a name. */
export function splitPlace(to: string): { readonly bucket: string; readonly folder: string } {
  const [, bucket = '', folder = ''] = /^\w+:\/\/([^/]+)\/?(.*?)\/*$/.exec(to) ?? []
  return { bucket, folder: folder === '' ? '' : `${folder}/` }
}
