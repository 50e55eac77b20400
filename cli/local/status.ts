import { type Command, defineCommand, tell } from '../command.ts'
import type { Site } from '../site.ts'
import { writeExports } from './environment.ts'
import { askProgram } from './process.ts'
import { openProxyEnvironment, writeProxyHint } from './proxy.ts'
import { findStateDir, stateField } from './state.ts'

type Status =
  | { readonly running: false }
  | { readonly running: true; readonly url: string; readonly pid: number }

/** `mayfly local status` */
export function openStatus(site: Site): Command {
  return defineCommand({
    summary: 'Say whether the local cloud runs, and print its environment.',
    fields: stateField,
    async run({ state }, { log }) {
      const stateDir = findStateDir(state)
      const status = await askProgram<Status>(site, stateDir, 'status')
      if (!status?.running) {
        log.info(`The local cloud does not run (state in ${stateDir}).`)
        return tell([], { running: false, stateDir })
      }
      const [machines, packer] = await Promise.all([
        countMachines(status.url),
        openProxyEnvironment(status.url),
      ])
      log.info(
        `The local cloud runs at ${status.url} (process ${status.pid}, state in ${stateDir}). Machines: ${machines}.`,
      )
      const lines = [...writeExports(status.url), ...writeProxyHint(packer)]
      return tell(lines, { ...status, stateDir, machines, packer })
    },
  })
}

async function countMachines(url: string): Promise<number> {
  const response = await fetch(`${url}/_mayfly/compute`)
  const { instances } = (await response.json()) as { instances: readonly unknown[] }
  return instances.length
}
