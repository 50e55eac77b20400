import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { findTool } from '../tools.ts'
import { makeBaseImage, namespaces } from './base-image.ts'

const commands = [
  'qemu-system-x86_64 --version',
  'qemu-img --version',
  'grub-mkimage --version',
  'sfdisk --version',
]
const files = ['/usr/lib/grub/i386-pc/boot.img', '"$(command -v nc)"']

const tools = findTool(
  'QEMU, grub-pc-bin, fdisk or nc',
  ['sh', '-c', [...commands, ...files.map((file) => `test -e ${file}`)].join(' && ')],
  true,
)

/** What it takes to boot a virtual machine. */
export const qemu = namespaces.found ? tools : namespaces

const script = join(import.meta.dirname, '../../scripts/make-base-disk')

/** The folder of a base image with a disk; made and kept as the base image is, for each version of its script. */
export async function makeBaseDisk(): Promise<string> {
  const base = await makeBaseImage()
  const version = createHash('sha256').update(readFileSync(script)).digest('hex').slice(0, 12)
  const folder = join(dirname(base), `${basename(base)}-disk-${version}`)
  mkdirSync(folder, { recursive: true })
  if (!existsSync(join(folder, 'root'))) symlinkSync(join(base, 'root'), join(folder, 'root'))
  await promisify(execFile)('flock', [`${folder}.lock`, script, folder])
  return folder
}
