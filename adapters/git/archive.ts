import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { openCrc32c } from '../../core/crc32c.ts'
import { exitCodes, MayflyError } from '../../core/errors.ts'
import type { Archive, ArchiveOptions } from '../../core/world.ts'
import { askGit } from './command.ts'
import { isolateEnvironment } from './environment.ts'
import { compress } from './gzip.ts'
import { type Findings, makeTar } from './parts.ts'
import { type Clone, findRepository } from './repository.ts'

/** The tree of a commit as an archive, in a temporary directory that goes when the archive is disposed of. */
export async function makeArchive(clone: Clone, commit: string, options: ArchiveOptions): Promise<Archive> {
  const workspace = await mkdtemp(join(clone.env.TMPDIR || tmpdir(), 'mayfly-archive-'))
  const remove = () => rm(workspace, { recursive: true, force: true })
  try {
    return { ...(await fillWorkspace(workspace, clone, commit, options)), [Symbol.asyncDispose]: remove }
  } catch (error) {
    await remove()
    throw error
  }
}

async function fillWorkspace(
  workspace: string,
  clone: Clone,
  commit: string,
  options: ArchiveOptions,
): Promise<Omit<Archive, keyof AsyncDisposable>> {
  const { submodules, signal } = options
  const { env } = clone
  const { objects, objectFormat } = await findRepository(clone)
  const directory = submodules ? await askGit(clone, 'rev-parse', '--show-toplevel') : clone.directory

  const gitDir = join(workspace, 'repository.git')
  await makeBareRepository(gitDir, objectFormat)
  const isolate = (store: string) => ({ env: isolateEnvironment(env, gitDir, store) })

  const root = { clone: { env, directory }, objects, commit, prefix: '' }
  const findings: Findings = { files: 0, lfs: [] }
  const hash = createHash('sha256')
  let size = 0
  async function* watchTar(): AsyncGenerator<Uint8Array> {
    for await (const bytes of makeTar(root, { isolate, submodules, signal }, findings)) {
      hash.update(bytes)
      size += bytes.length
      options.onProgress?.(size)
      yield bytes
    }
  }
  const file = options.digestOnly ? undefined : join(workspace, 'archive.tar.gz')
  const packed = file === undefined ? await drain(watchTar()) : await pack(watchTar(), file)
  signal?.throwIfAborted()

  return { ...(file !== undefined && { file }), digest: hash.digest('hex'), size, ...packed, ...findings }
}

/**
 * A repository without settings, attributes or refs: the user's would change the bytes. `git init` would make the same
 * (gitrepository-layout(5)), for the price of one more process.
 */
async function makeBareRepository(gitDir: string, objectFormat: string): Promise<void> {
  await Promise.all(['objects', 'refs'].map((folder) => mkdir(join(gitDir, folder), { recursive: true })))
  const version = objectFormat === 'sha1' ? 0 : 1
  const extensions = objectFormat === 'sha1' ? '' : `[extensions]\n\tobjectFormat = ${objectFormat}\n`
  const config = `[core]\n\trepositoryFormatVersion = ${version}\n\tbare = true\n${extensions}`
  await Promise.all([
    writeFile(join(gitDir, 'HEAD'), 'ref: refs/heads/none\n'),
    writeFile(join(gitDir, 'config'), config),
  ])
}

async function drain(source: AsyncIterable<Uint8Array>) {
  for await (const _ of source);
  return { compressedSize: 0, crc32c: '' }
}

async function pack(source: AsyncIterable<Uint8Array>, file: string) {
  const crc = openCrc32c()
  let compressedSize = 0
  async function* check(compressed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const bytes of compressed) {
      crc.update(bytes)
      compressedSize += bytes.length
      yield bytes
    }
  }
  try {
    await pipeline(source, compress, check, createWriteStream(file))
  } catch (cause) {
    if (!(cause instanceof Error && 'syscall' in cause)) throw cause
    const message = `The archive could not be written to ${file} (${cause.message}). TMPDIR decides where it goes.`
    throw new MayflyError(message, exitCodes.unknown, { cause })
  }
  return { compressedSize, crc32c: crc.digest() }
}
