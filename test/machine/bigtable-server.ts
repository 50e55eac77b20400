import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { findTool, needAll, type Tool } from '../tools.ts'

// Google's own emulator and its command line, as gcloud brings them.
const emulator = '/usr/lib/google-cloud-sdk/platform/bigtable-emulator/cbtemulator'

export const bigtable: Tool = needAll(
  findTool('cbtemulator', [emulator, '-h'], false),
  findTool('cbt', ['cbt', 'version'], false),
)

/** Google's emulator of Bigtable, as a process of its own. */
export interface BigtableServer extends AsyncDisposable {
  /** `127.0.0.1:PORT` */
  readonly host: string
  /** Runs Google's own command line on the instance `serving`. */
  cbt(...args: readonly string[]): string
}

export async function startBigtable(): Promise<BigtableServer> {
  const child = spawn(emulator, ['-host', '127.0.0.1', '-port', '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  for await (const text of child.stdout) {
    said += text
    if (/:\d+\s/.test(said)) break
  }
  const [host = ''] = /127\.0\.0\.1:\d+/.exec(said) ?? []
  return {
    host,
    cbt: (...args) =>
      execFileSync('cbt', ['-project', 'acme', '-instance', 'serving', ...args], {
        encoding: 'utf8',
        // It tells of its credentials, which the emulator does not want.
        stdio: ['ignore', 'pipe', 'ignore'],
        env: { ...process.env, BIGTABLE_EMULATOR_HOST: host },
      }),
    async [Symbol.asyncDispose]() {
      const ended = once(child, 'exit')
      child.kill()
      await ended
    },
  }
}
