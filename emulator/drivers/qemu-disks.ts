import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import {
  closeSync,
  existsSync,
  linkSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { listPaths, listTenants, poolOf } from './pool.ts'

// A disk and an image are each a file of what differs from another file below it. Below are layers that nobody writes
// to any more, in a pool beside the disks and the images, and undermost the base image's own disk, which never changes.

/** Path of the disk that a directory holds. */
export function diskFileOf(directory: string): string {
  return join(directory, 'disk.qcow2')
}

/** Tells from then on that a disk may differ from what it was made of. */
export function markWritten(directory: string): void {
  writeFileSync(writtenOf(directory), '')
}

/** Makes `to` begin with what `from` holds now. What a disk has written becomes a layer of both. */
export async function copyDisk(from: string, to: string): Promise<void> {
  const file = diskFileOf(from)
  if (!existsSync(file))
    throw new Error(`${file} is missing; scripts/make-base-image --disk makes a base image's.`)
  mkdirSync(to, { recursive: true })
  if (!existsSync(writtenOf(from))) return createOverlay(readBackingFile(file) ?? file, diskFileOf(to))
  const layer = join(poolOf(from), `${randomUUID()}.qcow2`)
  mkdirSync(dirname(layer), { recursive: true })
  // The layer has two names until both are made upon it: whoever looks for unused ones leaves it alone.
  linkSync(file, layer)
  await createOverlay(layer, diskFileOf(to))
  await createOverlay(layer, `${file}.part`)
  renameSync(`${file}.part`, file)
  rmSync(writtenOf(from))
}

/** Removes a disk or an image, and the layers that only it had. */
export function eraseDisk(directory: string): void {
  rmSync(directory, { recursive: true, force: true })
  const pool = poolOf(directory)
  const contents = listTenants(pool).map(diskFileOf)
  for (let unused = findUnused(pool, contents); unused.length > 0; unused = findUnused(pool, contents)) {
    for (const layer of unused) rmSync(layer)
  }
}

function findUnused(pool: string, contents: readonly string[]): readonly string[] {
  const layers = listPaths(pool)
  const used = new Set([...layers, ...contents.filter((file) => existsSync(file))].map(readBackingFile))
  return layers.filter((layer) => !used.has(layer) && statSync(layer).nlink === 1)
}

async function createOverlay(backing: string, file: string): Promise<void> {
  rmSync(file, { force: true })
  await promisify(execFile)('qemu-img', ['create', '-q', '-f', 'qcow2', '-F', 'qcow2', '-b', backing, file])
}

/** The file below; the header says where its name stands: https://www.qemu.org/docs/master/interop/qcow2.html */
function readBackingFile(file: string): string | undefined {
  const fd = openSync(file, 'r')
  try {
    const read = (offset: number, length: number) => {
      const bytes = Buffer.alloc(length)
      readSync(fd, bytes, 0, length, offset)
      return bytes
    }
    const header = read(0, 20)
    const length = header.readUInt32BE(16)
    return length === 0 ? undefined : read(Number(header.readBigUInt64BE(8)), length).toString()
  } finally {
    closeSync(fd)
  }
}

function writtenOf(directory: string): string {
  return join(directory, 'written')
}
