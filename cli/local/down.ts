import { type Command, defineCommand, tell } from '../command.ts'
import type { Site } from '../site.ts'
import { askProgram } from './process.ts'
import { findStateDir, stateField } from './state.ts'

/** `mayfly local down` */
export function openDown(site: Site): Command {
  return defineCommand({
    summary: 'Stop the local cloud and its machines. What it keeps stays in its folder.',
    fields: stateField,
    async run({ state }) {
      const stateDir = findStateDir(state)
      const answer = await askProgram<{ stopped: boolean }>(site, stateDir, 'stop')
      const stopped = answer?.stopped ?? false
      const line = stopped ? 'The local cloud has stopped.' : 'The local cloud does not run.'
      return tell([`${line} Its state is in ${stateDir}.`], { stopped, stateDir })
    },
  })
}
