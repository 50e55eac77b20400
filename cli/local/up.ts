import { type Command, defineCommand, tell } from '../command.ts'
import type { Site } from '../site.ts'
import { writeExports } from './environment.ts'
import { attachCloud } from './process.ts'
import { openProxyEnvironment, writeProxyHint } from './proxy.ts'
import { findStateDir, stateField } from './state.ts'

/** `mayfly local up` */
export function openUp(site: Site): Command {
  return defineCommand({
    summary:
      "Run the local cloud until Ctrl-C, and print the environment that points Google's own tools at it.",
    fields: stateField,
    async run({ state }, { log, signal }) {
      const stateDir = findStateDir(state)
      const { cloud, ended, stop } = await attachCloud(site, stateDir)
      const { url, pid, started } = cloud
      const packer = await openProxyEnvironment(url)
      const lines = [...writeExports(url), ...writeProxyHint(packer)]
      const where = `at ${url} (process ${pid}, state in ${stateDir})`
      if (!started) {
        log.info(`The local cloud runs already ${where}.`)
        return tell(lines, { ...cloud, packer })
      }
      log.info(`The local cloud runs ${where}. Ctrl-C stops it and its machines.`)
      log.output(`${lines.join('\n')}\n`)
      signal.addEventListener('abort', stop)
      if (signal.aborted) stop()
      await ended
      log.info('The local cloud has stopped.')
      return tell([], { ...cloud, packer })
    },
  })
}
