import { execFile } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Stage, setStage } from './stage.ts'

const root = join(import.meta.dirname, '../..')
const run = promisify(execFile)

/** How a command of a caller's ended. */
interface Call {
  readonly exitCode: number
  readonly log: string
}

/** A stage with the callers' batch in it, and a computer on which `mayfly` is installed. */
export interface CallersStage extends Stage {
  /** A file of examples/callers, with the places that this computer has for those that it names. */
  readCaller(name: string): string
  /** Runs a program as a caller would: nothing of the environment is ours but what is given. */
  call(program: readonly string[], env: Readonly<Record<string, string>>, cwd?: string): Promise<Call>
  /** What a program has to know of the cloud, and where mayfly is: the rest is the caller's own. */
  readonly pointers: Readonly<Record<string, string>>
  /** Machines that were asked for, each counted once. */
  countMachines(): number
}

export async function setCallersStage(): Promise<CallersStage> {
  const stage = await setStage()
  await fetch(`${stage.google.url}/storage/v1/b?project=acme-ml`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"name":"acme-mayfly"}',
  })
  const read = (name: string) => readFileSync(join(root, 'examples/callers', name), 'utf8')
  await stage.write({
    'batch.yaml': read('batch.yaml').replace('ml-batch', 'mayfly-local').replace('e2-standard-4', 'e2-small'),
  })
  const bin = join(stage.repository, '../bin')
  mkdirSync(bin)
  symlinkSync(join(root, 'dist/cli/main.js'), join(bin, 'mayfly'))
  symlinkSync(process.execPath, join(bin, 'node'))
  chmodSync(join(stage.repository, '..'), 0o755)
  const { STORAGE_EMULATOR_HOST = '', CLOUDSDK_API_ENDPOINT_OVERRIDES_COMPUTE = '' } = stage.env

  return {
    ...stage,
    readCaller: (name) =>
      read(name).replaceAll('/srv/recommender', stage.repository).replaceAll('/usr/local/bin', bin),
    pointers: {
      PATH: `${bin}:/usr/bin:/bin`,
      STORAGE_EMULATOR_HOST,
      CLOUDSDK_API_ENDPOINT_OVERRIDES_COMPUTE,
    },
    async call([program = '', ...args], env, cwd = '/') {
      try {
        const { stdout, stderr } = await run(program, args, { env: { ...env }, cwd })
        return { exitCode: 0, log: stdout + stderr }
      } catch (error) {
        const {
          code,
          stdout = '',
          stderr = '',
        } = error as { code?: number; stdout?: string; stderr?: string }
        return { exitCode: code ?? -1, log: stdout + stderr }
      }
    },
    countMachines() {
      const inserts = stage.google.requests().filter(({ name }) => name === 'compute.instances.insert')
      return new Set(inserts.map(({ query }) => query)).size
    },
  }
}
