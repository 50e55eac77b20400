import { mkdir, realpath } from 'node:fs/promises'
import { dirname } from 'node:path'
import { isWithin } from './files.ts'

/** Makes folders below another one, and nowhere else: a link on the way may lead out of it. */
export class Bounds {
  /** A real path. */
  readonly #root: string
  readonly #made = new Map<string, Promise<void>>()

  constructor(root: string) {
    this.#root = root
  }

  /** Makes a folder and those above it. Throws when it would be outside, or a file stands in its way. */
  make(folder: string): Promise<void> {
    let making = this.#made.get(folder)
    if (making === undefined) {
      making = this.#make(folder)
      this.#made.set(folder, making)
    }
    return making
  }

  async #make(folder: string): Promise<void> {
    for (let above = folder; ; above = dirname(above)) {
      const real = await realpath(above).catch(ignoreAbsence)
      if (real === undefined) continue
      if (!isWithin(real, this.#root)) throw new Error(`${above} is a link out of the work directory`)
      break
    }
    await mkdir(folder, { recursive: true })
  }
}

function ignoreAbsence(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}
