import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Calls, machine, until, zone } from './compute-calls.ts'

const run = promisify(execFile)

export const debian = 'projects/debian-cloud/global/images/family/debian-12'
export const instances = `/${zone}/instances`

/** Members of an insert: a boot disk made of an image, which goes with the machine unless it is said otherwise. */
export function bootFrom(sourceImage: string, autoDelete = true): object {
  return { disks: [{ boot: true, autoDelete, initializeParams: { sourceImage } }] }
}

/** Boots a machine whose disk holds something, and waits until its startup script is over; gives what that said. */
export async function bootFilled(calls: Calls, name: string, script: string, members: object = {}) {
  const body = machine(name, script, { ...bootFrom(debian), ...members })
  const done = await calls.done(await calls.post(instances, body))
  if (done.error) throw new Error(JSON.stringify(done.error))
  return readOutput(calls, name)
}

/** What a startup script said, line by line, when it is over. */
export async function readOutput(calls: Calls, name: string): Promise<readonly string[]> {
  const said = await until(async () => {
    const { contents } = (await calls.get(`${instances}/${name}/serialPort`)).json
    return contents.includes('Finished running startup scripts.') && contents
  })
  return said.split('\n').flatMap((line) => /startup-script: (.*)/.exec(line)?.[1] ?? [])
}

/** The external address of a machine. */
export async function readAddress(calls: Calls, name: string): Promise<string> {
  const instance = (await calls.get(`${instances}/${name}`)).json as unknown as {
    networkInterfaces: [{ accessConfigs: [{ natIP: string }] }]
  }
  return instance.networkInterfaces[0].accessConfigs[0].natIP
}

/** A key of SSH, and commands that are run with it. */
export interface Key extends AsyncDisposable {
  readonly publicKey: string
  /** Asks until it is let in; gives what the command wrote. */
  run(user: string, address: string, command: string): Promise<string>
}

export async function makeKey(): Promise<Key> {
  const folder = await mkdtemp(join(tmpdir(), 'mayfly-key-'))
  const file = join(folder, 'key')
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file])
  const options = ['StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'BatchMode=yes']
  const flags = ['-F', '/dev/null', ...options.flatMap((option) => ['-o', option]), '-i', file]
  return {
    publicKey: readFileSync(`${file}.pub`, 'utf8').trim(),
    async run(user, address, command) {
      const ask = () => run('ssh', [...flags, `${user}@${address}`, command]).catch(() => undefined)
      return (await until(ask)).stdout
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  }
}

/** The processes that have something of a directory mounted. */
export function findTenants(directory: string): readonly string[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return pids.filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/mountinfo`, 'utf8').includes(directory)
    } catch {
      // Gone, or only waiting to be reaped.
      return false
    }
  })
}
