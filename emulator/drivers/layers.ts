import { randomUUID } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  writeFileSync,
} from 'node:fs'
import { rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { listTenants, poolOf } from './pool.ts'

/** What an overlay file system is mounted of. */
export interface Overlay {
  /** Topmost first. */
  readonly lower: readonly string[]
  readonly upper: string
  readonly work: string
}

// A disk is a list of layers that nobody writes to any more, in a file, and the directory `upper` for what is written
// now. An image is the list alone. The layers are in a pool beside the disks and the images, but for the undermost one,
// which is the base image's and never changes.

/** A disk as an overlay; one without anything in it begins as its image. */
export function openOverlay(disk: string, imageContent: string | undefined): Overlay {
  if (imageContent !== undefined && !existsSync(listOf(disk))) copyLayers(imageContent, disk)
  const [upper, work] = [join(disk, 'upper'), join(disk, 'work')]
  mkdirSync(upper, { recursive: true })
  mkdirSync(work, { recursive: true })
  return { lower: readLayers(disk), upper, work }
}

/** Makes `to` begin with what `from` holds now. What a disk has written becomes a layer of both. */
export function copyLayers(from: string, to: string): void {
  let layers = readLayers(from)
  const upper = join(from, 'upper')
  if (existsSync(upper) && readdirSync(upper).length > 0) {
    const layer = join(poolOf(from), randomUUID())
    mkdirSync(dirname(layer), { recursive: true })
    renameSync(upper, layer)
    layers = [layer, ...layers]
    writeLayers(from, layers)
  }
  mkdirSync(to, { recursive: true })
  writeLayers(to, layers)
}

/** Removes a disk or an image, and the layers that only it had. */
export async function eraseLayers(directory: string): Promise<void> {
  const pool = poolOf(directory)
  const layers = existsSync(listOf(directory)) ? readLayers(directory) : []
  await rm(directory, { recursive: true, force: true })
  const used = new Set(
    listTenants(pool)
      .filter((each) => existsSync(listOf(each)))
      .flatMap(readLayers),
  )
  const unused = layers.filter((layer) => dirname(layer) === pool && !used.has(layer))
  await Promise.all(unused.map((layer) => rm(layer, { recursive: true, force: true })))
}

function readLayers(directory: string): readonly string[] {
  if (existsSync(listOf(directory))) return JSON.parse(readFileSync(listOf(directory), 'utf8'))
  const base = join(directory, 'root')
  if (existsSync(base)) return [realpathSync(base)]
  throw new Error(`${directory} holds no file system; expected a folder that scripts/make-base-image made.`)
}

function writeLayers(directory: string, layers: readonly string[]): void {
  const draft = `${listOf(directory)}.draft`
  writeFileSync(draft, JSON.stringify(layers))
  renameSync(draft, listOf(directory))
}

function listOf(directory: string): string {
  return join(directory, 'layers.json')
}
