import { join } from 'node:path'
import { seekGit, streamGit } from './command.ts'
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
  const { signal } = making
  const env = making.isolate(part.objects)
  making.lfs.push(...(await listLfsAttributes(part, env)))

  const directories = new Set<string>()
  const note = ({ path, directory }: Entry) => {
    if (directory) directories.add(path)
    else making.files++
  }
  const place = prefix === '' ? [] : [`--prefix=${prefix}`]
  yield* readTar(streamGit({ env, signal, args: ['archive', '--format=tar', ...place, commit] }), note)
  if (!making.submodules) return

  for (const link of await listGitlinks(commit, env)) {
    const path = `${prefix}${link.path}/`
    // git leaves an empty directory where a submodule belongs, unless export-ignore applies to it.
    if (!directories.has(path)) continue
    const directory = join(part.directory, link.path)
    const { objects } = await findSubmodule(directory, { ...link, path }, making.env)
    yield* readPart({ directory, objects, commit: link.commit, prefix: path }, making)
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
