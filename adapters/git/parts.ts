import { join } from 'node:path'
import { CommandError, InputError } from '../../core/errors.ts'
import { seekGit, streamGit } from './command.ts'
import { isPartial } from './repository.ts'
import { findSubmodule, listGitlinks } from './submodules.ts'
import { type Entry, endTar, readTar } from './tar.ts'

/** A commit and where it goes in the tar: the tree itself, or that of a submodule. */
export interface Part {
  /** The top of its work tree. */
  readonly directory: string
  /** Its objects. */
  readonly objects: string
  readonly commit: string
  /** Empty, or a path that ends with a slash. */
  readonly prefix: string
}

/** What a tar is made with, and what is learnt on the way. */
export interface Making {
  /** For git in the user's own repositories. */
  readonly env: NodeJS.ProcessEnv
  /** For git over the objects of one of them, apart from everything else in it. */
  readonly isolate: (objects: string) => NodeJS.ProcessEnv
  readonly submodules: boolean
  readonly signal: AbortSignal | undefined
  /** Entries that are no directories. */
  files: number
  /** Files of attributes that hand files to Git LFS. */
  readonly lfs: string[]
}

/** The tar of a part and of the submodules in it; without them, byte for byte the one that git makes. */
export async function* makeTar(root: Part, making: Making): AsyncGenerator<Uint8Array> {
  let size = 0
  for await (const bytes of readPart(root, making)) {
    size += bytes.length
    yield bytes
  }
  yield endTar(size)
}

async function* readPart(part: Part, making: Making): AsyncGenerator<Uint8Array> {
  const { commit, prefix } = part
  const directories = new Set<string>()
  const note = ({ path, directory }: Entry) => {
    if (directory) directories.add(path)
    else making.files++
  }
  yield* readTree(part, making, note)
  if (!making.submodules) return

  for (const link of await listGitlinks(commit, making.isolate(part.objects))) {
    const path = `${prefix}${link.path}/`
    // git leaves an empty directory where a submodule belongs, unless export-ignore applies to it.
    if (!directories.has(path)) continue
    const directory = join(part.directory, link.path)
    const { objects } = await findSubmodule(directory, { ...link, path }, making.env)
    yield* readPart({ directory, objects, commit: link.commit, prefix: path }, making)
  }
}

async function* readTree(
  part: Part,
  making: Making,
  onEntry: (entry: Entry) => void,
): AsyncGenerator<Uint8Array> {
  const { commit, prefix, directory } = part
  const env = making.isolate(part.objects)
  const place = prefix === '' ? [] : [`--prefix=${prefix}`]
  const args = ['archive', '--format=tar', ...place, commit]
  try {
    making.lfs.push(...(await listLfsAttributes(part, env)))
    yield* readTar(streamGit({ env, args, signal: making.signal }), onEntry)
  } catch (cause) {
    if (!(cause instanceof CommandError) || !(await isPartial(directory, making.env))) throw cause
    const message = `the clone is partial, and not all files of commit ${commit} are in it. Get them before this step: no \`filter\` and no \`sparse-checkout\` with actions/checkout, \`partial: false\` with Woodpecker's clone plugin, or \`git fetch --refetch --no-filter\`.`
    throw new InputError([{ where: directory, message }], { cause })
  }
}

/** `filter=lfs` in a file of attributes: git-lfs-track(1) writes it, and what is tracked is only a pointer in git. */
async function listLfsAttributes(
  { commit, prefix }: Part,
  env: NodeJS.ProcessEnv,
): Promise<readonly string[]> {
  const pattern = ['-E', '-e', '^[^#].*[[:space:]]filter=lfs']
  const found = await seekGit({
    env,
    args: ['grep', '-z', '--name-only', ...pattern, commit, '--', ':(glob)**/.gitattributes'],
  })
  const names = found?.split('\0').filter((name) => name !== '') ?? []
  return names.map((name) => `${prefix}${name.slice(commit.length + 1)}`)
}
