import { execFile } from 'node:child_process'
import { closeSync, constants, openSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { Socket } from 'node:net'
import { promisify } from 'node:util'

/** A pipe of the system's, with both of its ends open. */
export interface Pipe {
  readonly read: Socket
  /** For a child's standard output and error. */
  readonly write: number
  /** To be closed once the child has its own: the reader then ends with the last of those that hold it. */
  closeWrite(): void
}

/**
 * Opens a pipe by way of a name in the file system that is free for a moment. What Node opens for a child is a socket,
 * which `tee /dev/stderr` cannot open again; and one pipe for both streams keeps their order.
 */
export async function openPipe(path: string): Promise<Pipe> {
  await promisify(execFile)('mkfifo', ['-m', '600', path])
  try {
    // A reader that does not wait for its writer; the writer then finds its reader.
    const read = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    const write = openSync(path, constants.O_WRONLY)
    return {
      read: new Socket({ fd: read, readable: true, writable: false }),
      write,
      closeWrite: () => closeSync(write),
    }
  } finally {
    await rm(path, { force: true })
  }
}
