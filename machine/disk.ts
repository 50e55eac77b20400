import { execFile } from 'node:child_process'
import { rm, statfs } from 'node:fs/promises'
import { promisify } from 'node:util'

const MiB = 1024 ** 2

/** Below this, nothing of use can be written. */
const fullBytes = MiB

/** Takes some of the disk away from the steps, so that a run that fills it can still tell of it. */
export async function reserveSpace(file: string, folder: string): Promise<void> {
  const bytes = Math.max(4 * MiB, Math.min(200 * MiB, Math.floor((await freeBytes(folder)) / 50)))
  // A sparse file would hold nothing. Where the tool is missing or the disk is too small, there is no reserve.
  await promisify(execFile)('fallocate', ['-l', String(bytes), file]).catch(() => rm(file, { force: true }))
}

/** Gives it back. */
export async function freeReserve(file: string): Promise<void> {
  await rm(file, { force: true })
}

export async function isFull(folder: string): Promise<boolean> {
  return (await freeBytes(folder)) < fullBytes
}

async function freeBytes(folder: string): Promise<number> {
  const { bsize, bfree, bavail } = await statfs(folder)
  // ext4 keeps a part for root.
  return bsize * (process.getuid?.() === 0 ? bfree : bavail)
}

/** Whether an error is about a disk without space. */
export function isNoSpace(error: unknown): boolean {
  return (error as NodeJS.ErrnoException | undefined)?.code === 'ENOSPC'
}
