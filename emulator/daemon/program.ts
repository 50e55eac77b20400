import { mkdirSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { readStatus, stop } from './control.ts'
import { serve } from './serve.ts'

const usage = `usage: main.js serve --state DIR [--idle SECONDS] [--port N] [--attached] [--project NAME] [--bucket NAME]
       main.js status --state DIR
       main.js stop --state DIR
`

/**
 * The local cloud as a process of its own. Each command writes one line of JSON to standard output; \`serve\` as soon
 * as the cloud answers. With --attached it also ends when its standard input does, which is when its parent dies.
 */
export async function runProgram(argv: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      state: { type: 'string' },
      idle: { type: 'string' },
      port: { type: 'string' },
      attached: { type: 'boolean' },
      project: { type: 'string', default: 'local' },
      bucket: { type: 'string', default: 'mayfly' },
    },
  })
  const { state: stateDir, idle, port, attached = false, project, bucket: name } = values
  const [command] = positionals
  if (stateDir === undefined) return refuse()
  mkdirSync(stateDir, { recursive: true })
  if (command === 'status') return print(readStatus(stateDir))
  if (command === 'stop') return print(await stop(stateDir))
  if (command !== 'serve') return refuse()
  await serve({
    stateDir,
    signal: openEndSignal(attached),
    bucket: { project, name },
    announce: print,
    ...(port !== undefined && { port: Number(port) }),
    ...(idle !== undefined && { idleSeconds: Number(idle) }),
  })
  // What a client left open must not hold the process.
  process.exit()
}

function refuse(): void {
  process.stderr.write(usage)
  process.exitCode = 64
}

function print(value: object): void {
  process.stdout.write(`${JSON.stringify(value)}\n`)
}

/** Aborts on SIGTERM, SIGINT, and when an attached parent is gone; the second signal ends the process at once. */
function openEndSignal(attached: boolean): AbortSignal {
  const controller = new AbortController()
  const end = () => (controller.signal.aborted ? process.exit(143) : controller.abort())
  process.on('SIGTERM', end)
  process.on('SIGINT', end)
  if (attached) process.stdin.resume().once('end', () => controller.abort())
  return controller.signal
}
