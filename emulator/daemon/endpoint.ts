import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Where the process that serves a state directory is to be found. */
export interface Endpoint {
  readonly url: string
  readonly port: number
  readonly pid: number
}

/** The endpoint of the last process that served here; whether it still does is the lock's to tell. */
export function readEndpoint(stateDir: string): Endpoint | undefined {
  try {
    return JSON.parse(readFileSync(fileOf(stateDir), 'utf8')) as Endpoint
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Nobody ever reads half of it. */
export function writeEndpoint(stateDir: string, endpoint: Endpoint): void {
  const draft = `${fileOf(stateDir)}.${endpoint.pid}`
  writeFileSync(draft, `${JSON.stringify(endpoint)}\n`)
  renameSync(draft, fileOf(stateDir))
}

export function isAlive({ pid }: Endpoint): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function fileOf(stateDir: string): string {
  return join(stateDir, 'endpoint.json')
}
