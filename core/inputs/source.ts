import { fixedFolder, isGlob } from './glob.ts'

/** What part of a place is meant: one file, all of a folder, or what matches a pattern. */
export interface Selection {
  readonly shape: 'file' | 'folder' | 'glob'
  /** As it was written: a folder ends in "/", or is empty. */
  readonly name: string
  /** What the names of all that is meant begin with, and what is left out of their paths: a folder, or empty. */
  readonly folder: string
}

/** An input's `from`, taken apart. */
export type Source =
  | ({ readonly kind: 'gs' | 's3'; readonly bucket: string } & Selection)
  | ({
      readonly kind: 'run'
      readonly batch: string
      /** A run's id, or `latest-success`. */
      readonly run: string
      readonly output: string
    } & Selection)

/** Takes apart what the batch file's own pattern let through. */
export function readSource(from: string): Source {
  const [, kind = '', place = ''] = /^(gs|s3):\/\/(.*)$/s.exec(from) ?? []
  if (kind === 'gs' || kind === 's3') {
    const slash = `${place}/`.indexOf('/')
    return { kind, bucket: place.slice(0, slash), ...select(place.slice(slash + 1)) }
  }
  const [batch = '', run = '', output = '', ...rest] = from.slice('run:'.length).split('/')
  return { kind: 'run', batch, run, output, ...select(rest.join('/')) }
}

/** Reads the part of a place that follows its bucket or its output. */
function select(name: string): Selection {
  if (isGlob(name)) return { shape: 'glob', name, folder: fixedFolder(name) }
  if (name === '' || name.endsWith('/')) return { shape: 'folder', name, folder: name }
  return { shape: 'file', name, folder: name.slice(0, name.lastIndexOf('/') + 1) }
}
