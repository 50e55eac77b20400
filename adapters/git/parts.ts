import { join } from 'node:path'
import { CommandError, InputError } from '../../core/errors.ts'
import { type Place, seekGit, streamGit } from './command.ts'
import { type Clone, isPartial } from './repository.ts'
import { findSubmodule, listGitlinks } from './submodules.ts'
import { type Entry, endTar, readTar } from './tar.ts'

/** A commit and where it goes in the tar: the tree itself, or that of a submodule. */
export interface Part {
  /** The user's repository; submodules are looked for from its directory on. */
  readonly clone: Clone
  /** Where its objects are. */
  readonly objects: string
  readonly commit: string
  /** Empty, or a path that ends with a slash. */
  readonly prefix: string
}

/** How a tar is made. */
export interface Making {
  /** For git over the objects of a repository, apart from everything else in it. */
  readonly isolate: (objects: string) => Place
  readonly submodules: boolean
  readonly signal: AbortSignal | undefined
}

/** What is learnt while a tar passes. */
export interface Findings {
  /** Entries that are no directories. */
  files: number
  /** Files of attributes that hand files to Git LFS. */
  readonly lfs: string[]
}

/** The tar of a part and of the submodules in it; without them, byte for byte the one that git makes. */
export async function* makeTar(root: Part, making: Making, findings: Findings): AsyncGenerator<Uint8Array> {
  let size = 0
  for await (const bytes of readPart(root, making, findings)) {
    size += bytes.length
    yield bytes
  }
  yield endTar(size)
}

async function* readPart(part: Part, making: Making, findings: Findings): AsyncGenerator<Uint8Array> {
  const { clone, objects, commit, prefix } = part
  const place = making.isolate(objects)
  const directories = new Set<string>()
  const note = ({ path, directory }: Entry) => {
    if (directory) directories.add(path)
    else findings.files++
  }
  // Side by side: it takes a small tree longer than the tar itself.
  const lfs = listLfsAttributes(place, part)
  lfs.catch(() => undefined)
  try {
    yield* readTree(place, part, making.signal, note)
    findings.lfs.push(...(await lfs))
  } catch (error) {
    throw error instanceof CommandError && (await isPartial(clone)) ? refusePartial(part, error) : error
  }
  if (!making.submodules) return

  for (const link of await listGitlinks(place, commit)) {
    const path = `${prefix}${link.path}`
    // git leaves an empty directory where a submodule belongs, unless export-ignore applies to it.
    if (!directories.has(`${path}/`)) continue
    const inner = { ...clone, directory: join(clone.directory, link.path) }
    const found = await findSubmodule(inner, { path, commit: link.commit })
    const submodule = { clone: inner, objects: found.objects, commit: link.commit, prefix: `${path}/` }
    yield* readPart(submodule, making, findings)
  }
}

function readTree(
  place: Place,
  { commit, prefix }: Part,
  signal: AbortSignal | undefined,
  onEntry: (entry: Entry) => void,
): AsyncGenerator<Uint8Array> {
  const where = prefix === '' ? [] : [`--prefix=${prefix}`]
  return readTar(streamGit(place, ['archive', '--format=tar', ...where, commit], signal), onEntry)
}

/** `filter=lfs` in a file of attributes: git-lfs-track(1) writes it, and what is tracked is only a pointer in git. */
async function listLfsAttributes(place: Place, { commit, prefix }: Part): Promise<readonly string[]> {
  const pattern = ['-E', '-e', '^[^#].*[[:space:]]filter=lfs']
  const files = ['--', ':(glob)**/.gitattributes']
  const found = await seekGit(place, 'grep', '-z', '--name-only', ...pattern, commit, ...files)
  const names = found?.split('\0').filter((name) => name !== '') ?? []
  return names.map((name) => `${prefix}${name.slice(commit.length + 1)}`)
}

function refusePartial({ clone, commit }: Part, cause: CommandError): InputError {
  const message = `the clone is partial, and not all files of commit ${commit} are in it. Get them before this step: no \`filter\` and no \`sparse-checkout\` with actions/checkout, \`partial: false\` with Woodpecker's clone plugin, or \`git fetch --refetch --no-filter\`.`
  return new InputError([{ where: clone.directory, message }], { cause })
}
