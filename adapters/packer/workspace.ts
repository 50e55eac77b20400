import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ask } from './process.ts'

/** Where the team's files are, and the whole environment. */
export interface Place {
  readonly directory: string
  readonly env: NodeJS.ProcessEnv
}

/** A folder of one build, for its owner's eyes only. Whatever Packer and Ansible leave, also keys, goes with it. */
export interface Workspace extends Place, AsyncDisposable {
  /** Absolute path of something in the folder. */
  path(name: string): string
  write(name: string, text: string): Promise<string>
}

/** Opens the folder, and the environment that keeps the tools in it. */
export async function openWorkspace({ directory, env }: Place): Promise<Workspace> {
  const folder = await mkdtemp(join(env.TMPDIR || tmpdir(), 'mayfly-packer-'))
  const path = (name: string) => join(folder, name)
  // Short: the path of a socket has at most 107 bytes.
  const sockets = path('s')
  await Promise.all([mkdir(path('tmp')), mkdir(sockets)])
  const own = {
    // Google's guest agent makes the machine's keys and starts sshd anew when SSH has just come up; that ends connections.
    ANSIBLE_SSH_RETRIES: '5',
    ...env,
    TMPDIR: path('tmp'),
    PACKER_CACHE_DIR: path('cache'),
    // Packer would ask HashiCorp for news.
    CHECKPOINT_DISABLE: '1',
    PACKER_NO_COLOR: '1',
    ANSIBLE_NOCOLOR: '1',
    ANSIBLE_FORCE_COLOR: '0',
    ANSIBLE_LOCAL_TEMP: path('tmp'),
    ANSIBLE_SSH_CONTROL_PATH_DIR: sockets,
  }
  return {
    directory,
    env: own,
    path,
    async write(name, text) {
      await writeFile(path(name), text, { mode: 0o600 })
      return path(name)
    },
    async [Symbol.asyncDispose]() {
      await closeConnections({ directory, env: own }, sockets)
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Ansible's shared SSH connections outlive it by a minute, in sessions of their own. */
async function closeConnections(place: Place, sockets: string): Promise<void> {
  for (const name of await readdir(sockets)) {
    const args = ['-o', `ControlPath=${join(sockets, name)}`, '-O', 'exit', 'machine']
    // One that ended meanwhile is no trouble.
    await ask({ program: 'ssh', args, ...place }).catch(() => undefined)
  }
}
