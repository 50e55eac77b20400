import { chmod, mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'

/** Where things lie on the machine. */
export interface Places {
  /** The work directory: the code, and what steps make. */
  readonly work: string
  /** The steps' scripts, where a step cannot change them by chance. */
  readonly steps: string
  /** Files of a step's secrets, while it runs. Nobody but the agent's own user passes it. */
  readonly secrets: string
  readonly tmp: string
  /** A file that holds space for the end. */
  readonly reserve: string
}

export function namePlaces(root: string): Places {
  return {
    work: join(root, 'work'),
    steps: join(root, 'steps'),
    secrets: join(root, 'secrets'),
    tmp: join(root, 'tmp'),
    reserve: join(root, 'reserve'),
  }
}

/** Makes the places, empty: an image may bring what a machine left that it was made from. */
export async function makePlaces({ work, steps, secrets, tmp, reserve }: Places): Promise<void> {
  for (const folder of [work, steps, secrets, tmp]) await emptyFolder(folder)
  await chmod(secrets, 0o700)
  await rm(reserve, { force: true })
}

/** A folder with nothing in it. */
export async function emptyFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
}
