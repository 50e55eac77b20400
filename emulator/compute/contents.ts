import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { isFilled } from '../drivers/by-content.ts'
import type { Driver, Machine } from '../drivers/driver.ts'
import type { Disk } from './disks.ts'
import { OperationFailure } from './errors.ts'
import { baseImageLink, type Image } from './image.ts'
import type { Instance } from './instance.ts'
import type { Records } from './records.ts'

export interface ContentsOptions {
  readonly stateDir: string
  readonly records: Records
  readonly driver: Driver
  /** Folder with what the Debian image holds. */
  readonly baseImage: string | undefined
}

/** What disks and images really hold, in directories that only the driver looks into. */
export interface Contents {
  /** What an instance boots from. */
  ofInstance(instance: Instance): Pick<Machine, 'disk' | 'imageContent'>
  /** Gives a new image what its disk or its image holds. Throws OperationFailure. */
  fill(image: Image): Promise<void>
  erase(resource: Disk | Image): Promise<void>
}

export function openContents({ stateDir, records, driver, baseImage }: ContentsOptions): Contents {
  const directoryOf = ({ kind, id }: Disk | Image) =>
    join(stateDir, 'contents', kind === 'compute#disk' ? 'disks' : 'images', id)

  /** What an image holds; undefined for nothing, and when the image of that id is gone. */
  function findImage(link = '', id: string | undefined): string | undefined {
    const image = records.read<Image>(link)
    if (!image || image.id !== id) return undefined
    // To a driver that keeps no contents it is as empty as the others.
    if (link === baseImageLink) return driver.copy && baseImage
    const directory = directoryOf(image)
    return isFilled(directory) ? directory : undefined
  }

  function findSource({ sourceDisk, sourceDiskId, sourceImage, sourceImageId }: Image): string | undefined {
    if (sourceImage) return findImage(sourceImage, sourceImageId)
    const disk = records.read<Disk>(sourceDisk ?? '')
    if (!disk || disk.id !== sourceDiskId) return undefined
    const directory = directoryOf(disk)
    if (!isFilled(directory)) return findImage(disk.sourceImage, disk.sourceImageId)
    const [user] = disk.users ?? []
    const isOff = !user || records.read<Instance>(user)?.status === 'TERMINATED'
    if (isOff) return directory
    throw new Error(`The disk '${sourceDisk}' belongs to '${user}', which is on.`)
  }

  async function copy(image: Image): Promise<void> {
    const source = findSource(image)
    if (source === undefined) return
    if (!driver.copy) throw new Error(`The driver "${driver.name}" cannot copy what is in ${source}.`)
    // What an emulator that died half-way left of it.
    await erase(image)
    await driver.copy(source, directoryOf(image))
  }

  async function erase(resource: Disk | Image): Promise<void> {
    const directory = directoryOf(resource)
    if (!existsSync(directory)) return
    await driver.erase?.(directory)
    await rm(directory, { recursive: true, force: true })
  }

  return {
    ofInstance(instance) {
      const source = instance.disks.find(({ boot }) => boot)?.source ?? ''
      const disk = records.read<Disk>(source)
      if (!disk) throw new Error(`The boot disk of ${instance.selfLink} is gone.`)
      const imageContent = findImage(disk.sourceImage, disk.sourceImageId)
      return { disk: directoryOf(disk), ...(imageContent !== undefined && { imageContent }) }
    },
    async fill(image) {
      try {
        await copy(image)
      } catch (error) {
        await erase(image)
        const message = `The image '${image.selfLink}' could not be made: ${(error as Error).message}`
        throw new OperationFailure(500, 'INTERNAL SERVER ERROR', [{ code: 'INTERNAL_ERROR', message }])
      }
    },
    erase,
  }
}
