import type { Log } from '../../host.ts'

/** A log among others that speak at the same time: every line, whole, behind the name of who says it. */
export function openDayLog(log: Log, name: string): Log & { end(): void } {
  let rest = ''
  const output = (text: string) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    if (lines.length > 0) log.output(lines.map((line) => `${name}  ${line}\n`).join(''))
  }
  const end = () => {
    if (rest !== '') output('\n')
  }
  const say = (line: string) => {
    end()
    log.info(`${name}  ${line}`)
  }
  return {
    info: say,
    warn(line) {
      end()
      log.warn(`${name}  ${line}`)
    },
    output,
    // A group of its own would take in what others say meanwhile.
    group: (title) => say(`── ${title} ──`),
    endGroup: end,
    progress() {},
    end,
  }
}
