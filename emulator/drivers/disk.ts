import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, realpathSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'

/** Makes a machine's directory, on a file system of `bytes` when given. One that is there already is left as it is. */
export function makeDisk(directory: string, bytes: number | undefined): void {
  mkdirSync(directory, { recursive: true })
  if (bytes !== undefined && !isMounted(directory)) mount(directory, bytes)
  mkdirSync(join(directory, 'tmp'), { recursive: true })
}

function mount(directory: string, bytes: number): void {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes},mode=700`, 'mayfly', directory], {
      stdio: 'pipe',
    })
  } catch (cause) {
    const reason = (cause as { stderr?: Buffer }).stderr?.toString().trim() || (cause as Error).message
    throw new Error(`A machine's disk of ${bytes} bytes is a tmpfs, which needs Linux and root: ${reason}`, {
      cause,
    })
  }
}

/** Removes a machine's directory and what is kept beside it. */
export async function removeDisk(directory: string): Promise<void> {
  if (isMounted(directory)) execFileSync('umount', ['--lazy', directory], { stdio: 'pipe' })
  await removeTree(directory)
  await rm(`${directory}.mark`, { force: true })
}

async function removeTree(directory: string): Promise<void> {
  const remove = () => rm(directory, { recursive: true, force: true, maxRetries: 3 })
  try {
    await remove()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EACCES') throw error
    // Package caches make directories that their owner may not write to.
    execFileSync('chmod', ['-R', 'u+rwX', directory], { stdio: 'pipe' })
    await remove()
  }
}

function isMounted(directory: string): boolean {
  if (process.platform !== 'linux') return false
  try {
    const mounts = readFileSync('/proc/self/mounts', 'utf8').split('\n')
    return mounts.some((line) => line.split(' ')[1] === realpathSync(directory))
  } catch {
    return false
  }
}
