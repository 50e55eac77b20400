import { readdirSync } from 'node:fs'
import type { Driver, Machine } from './driver.ts'

/** Whether there is anything to boot a machine from, on its disk or in its image. */
export function hasContent({ disk, imageContent }: Pick<Machine, 'disk' | 'imageContent'>): boolean {
  return imageContent !== undefined || isFilled(disk)
}

/** Whether a disk or an image holds anything. */
export function isFilled(directory: string): boolean {
  try {
    return readdirSync(directory).length > 0
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
}

/** A driver for machines that have something to boot from, and another one for those that have not. */
export function openDriverByContent(filled: Driver, empty: Driver): Driver {
  return {
    ...filled,
    boot: (machine) => (hasContent(machine) ? filled : empty).boot(machine),
    // Whose a machine was is not written down, and neither minds one that was not its own.
    async reap(machine) {
      await filled.reap(machine)
      await empty.reap(machine)
    },
    async discard(machine) {
      await filled.discard(machine)
      await empty.discard(machine)
    },
  }
}
