import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { execa } from 'execa'

/** What a file of a test is: text, a program, or a symbolic link. */
type Content = string | { readonly program: string } | { readonly link: string }

/** A directory for real git repositories, with a home of its own so that nobody's settings reach into a test. */
export interface Sandbox extends AsyncDisposable {
  readonly path: string
  readonly env: NodeJS.ProcessEnv
  /** Runs git in a directory of the sandbox and gives what it printed. */
  git(directory: string, ...args: readonly string[]): Promise<string>
  write(directory: string, files: Readonly<Record<string, Content>>): Promise<void>
  /** A repository of one commit that has these files. */
  repository(directory: string, files: Readonly<Record<string, Content>>): Promise<string>
  /** Commits all that there is, and gives the commit. */
  commit(directory: string): Promise<string>
}

export async function openSandbox(): Promise<Sandbox> {
  const path = await mkdtemp(join(tmpdir(), 'mayfly-git-test-'))
  const env = {
    PATH: process.env.PATH,
    HOME: path,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: 'Ada',
    GIT_AUTHOR_EMAIL: 'ada@example.com',
    GIT_COMMITTER_NAME: 'Ada',
    GIT_COMMITTER_EMAIL: 'ada@example.com',
  }
  const git: Sandbox['git'] = async (directory, ...args) => {
    const settings = ['-c', 'protocol.file.allow=always', '-c', 'init.defaultBranch=main']
    const { stdout } = await execa('git', ['-C', join(path, directory), ...settings, ...args], {
      env,
      extendEnv: false,
    })
    return stdout
  }
  const write: Sandbox['write'] = async (directory, files) => {
    for (const [name, content] of Object.entries(files)) {
      const file = join(path, directory, name)
      await mkdir(dirname(file), { recursive: true })
      if (typeof content === 'string') await writeFile(file, content)
      else if ('link' in content) await symlink(content.link, file)
      else {
        await writeFile(file, content.program)
        await chmod(file, 0o755)
      }
    }
  }
  const commit = async (directory: string) => {
    await git(directory, 'add', '--all', '--force')
    await git(directory, 'commit', '--quiet', '--allow-empty', '--message', 'change')
    return git(directory, 'rev-parse', 'HEAD')
  }
  return {
    path,
    env,
    git,
    write,
    commit,
    async repository(directory, files) {
      await mkdir(join(path, directory), { recursive: true })
      await git(directory, 'init', '--quiet')
      await write(directory, files)
      return commit(directory)
    },
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  }
}
