import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { copyDisk, diskFileOf, eraseDisk, markWritten } from '../../emulator/drivers/qemu-disks.ts'
import { findTool, testWith } from '../tools.ts'

const images = findTool('qemu-img or qemu-io', ['sh', '-c', 'qemu-img --version && qemu-io --version'], true)

/** A base image of one megabyte, and a place for disks and images beside it. */
function openPlace() {
  const folder = mkdtempSync(join(tmpdir(), 'mayfly-qemu-disks-'))
  const base = join(folder, 'base')
  mkdirSync(base)
  execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', diskFileOf(base), '1M'])
  const contents = join(folder, 'contents')
  return {
    base,
    disk: (name: string) => join(contents, 'disks', name),
    image: (name: string) => join(contents, 'images', name),
    countLayers: () => {
      const layers = join(contents, 'layers')
      return existsSync(layers) ? readdirSync(layers).length : 0
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  }
}

/** What a machine does to its disk: writes a byte over a whole block. */
function write(disk: string, block: number, byte: number): void {
  markWritten(disk)
  askQemu(diskFileOf(disk), `write -P ${byte} ${block * 64}k 64k`)
}

function holds(directory: string, block: number, byte: number): boolean {
  const said = askQemu(diskFileOf(directory), `read -P ${byte} ${block * 64}k 64k`)
  return !said.includes('Pattern verification failed')
}

function askQemu(file: string, command: string): string {
  return execFileSync('sh', ['-c', 'qemu-io -f qcow2 -c "$2" "$1" 2>&1 || true', 'sh', file, command], {
    encoding: 'utf8',
  })
}

testWith(images, 'an image holds what its disk did then, and each goes its own way', async () => {
  using place = openPlace()
  const { base, disk, image } = place
  await copyDisk(base, disk('a'))
  write(disk('a'), 0, 1)
  await copyDisk(disk('a'), image('first'))
  write(disk('a'), 0, 2)
  write(disk('a'), 1, 2)
  await copyDisk(disk('a'), image('second'))
  await copyDisk(image('first'), disk('b'))
  write(disk('b'), 1, 3)

  expect([holds(image('first'), 0, 1), holds(image('first'), 1, 0)]).toEqual([true, true])
  expect([holds(image('second'), 0, 2), holds(image('second'), 1, 2)]).toEqual([true, true])
  expect([holds(disk('a'), 0, 2), holds(disk('a'), 1, 2)]).toEqual([true, true])
  expect([holds(disk('b'), 0, 1), holds(disk('b'), 1, 3)]).toEqual([true, true])
  expect([holds(base, 0, 0), holds(base, 1, 0)]).toEqual([true, true])
})

testWith(images, 'a layer lasts as long as something stands on it', async () => {
  using place = openPlace()
  const { base, disk, image, countLayers } = place
  await copyDisk(base, disk('a'))
  write(disk('a'), 0, 1)
  await copyDisk(disk('a'), image('first'))
  // Nothing was written since: no layer more.
  await copyDisk(disk('a'), image('again'))
  expect(countLayers()).toBe(1)
  write(disk('a'), 1, 2)
  await copyDisk(disk('a'), image('second'))
  expect(countLayers()).toBe(2)

  eraseDisk(disk('a'))
  eraseDisk(image('first'))
  eraseDisk(image('again'))
  expect(countLayers()).toBe(2)
  expect([holds(image('second'), 0, 1), holds(image('second'), 1, 2)]).toEqual([true, true])

  eraseDisk(image('second'))
  expect(countLayers()).toBe(0)
  expect(existsSync(diskFileOf(base))).toBe(true)
})

testWith(
  images,
  'a copy that was broken off is made anew, and a folder without a disk is named',
  async () => {
    using place = openPlace()
    const { base, disk, image, countLayers } = place
    await copyDisk(base, disk('a'))
    write(disk('a'), 0, 1)
    writeFileSync(`${diskFileOf(disk('a'))}.part`, 'half')
    await copyDisk(disk('a'), image('first'))
    expect(holds(image('first'), 0, 1)).toBe(true)

    await expect(copyDisk(disk('none'), image('none'))).rejects.toThrow(
      `${diskFileOf(disk('none'))} is missing; scripts/make-base-image --disk makes a base image's.`,
    )
    expect(countLayers()).toBe(1)
  },
)
