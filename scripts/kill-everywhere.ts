import { parseArgs } from 'node:util'
import { aimFault, runWithFault, singleFaults } from '../test/e2e/fault-stage.ts'
import { hitBuild } from '../test/e2e/kill-image-stage.ts'
import {
  type Aftermath,
  type Command,
  commands,
  hitCommand,
  isOfCommand,
  nameRequest,
  traceCommand,
} from '../test/e2e/kill-stage.ts'

// The built command line, killed at every one of its requests and asked again, and with every request of a run befallen
// by every fault. Takes about half an hour; `npm test` has a selection of it.

const { values } = parseArgs({
  options: {
    /** Commands to kill; `faults` stands for single faults. Default: all. */
    only: { type: 'string', multiple: true, default: ['upload-code', 'run-batch', 'build-image', 'faults'] },
    workers: { type: 'string', default: '3' },
  },
})

interface Case {
  readonly name: string
  run(): Promise<Pick<Aftermath, 'violations'> & Partial<Aftermath>>
}

const signals = ['SIGKILL', 'SIGINT', 'SIGTERM'] as const
const moments = ['before', 'after'] as const

async function listKills(command: Command): Promise<Case[]> {
  const trace = (await traceCommand(command)).filter(isOfCommand)
  return trace.flatMap((request, index) =>
    signals.flatMap((signal) =>
      moments.map((moment) => ({
        name: `${command}: ${signal} ${moment} ${index + 1} ${nameRequest(request)}`,
        run: () => hitCommand(command, { k: index + 1, moment }, signal),
      })),
    ),
  )
}

function listBuildKills(): Case[] {
  // Packer and the command line ask in turn; a build makes about thirty requests.
  return [1, 4, 7, 9, 11, 13, 15, 18, 22, 26].flatMap((k) =>
    signals.map((signal) => ({
      name: `build-image: ${signal} after ${k}`,
      run: () => hitBuild({ k, moment: 'after' }, signal),
    })),
  )
}

async function listFaults(): Promise<Case[]> {
  const trace = await traceCommand('run-batch')
  return trace.flatMap((request) =>
    Object.entries(singleFaults).map(([what, kind]) => ({
      name: `fault: ${what}, ${isOfCommand(request) ? 'controller' : 'machine'}, ${nameRequest(request)}`,
      run: async () => ({ violations: await runWithFault(aimFault(trace, request, kind)) }),
    })),
  )
}

const kills = (Object.keys(commands) as Command[]).filter((command) => values.only.includes(command))
const cases = [
  ...(await Promise.all(kills.map(listKills))).flat(),
  ...(values.only.includes('build-image') ? listBuildKills() : []),
  ...(values.only.includes('faults') ? await listFaults() : []),
]
let points = 0
let hits = 0
let violated = 0
const sealed: number[] = []
const deleted: number[] = []

// Each case ends what it started: an interruption lets those at hand come to their end.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void cases.splice(0))

async function work(): Promise<void> {
  for (let each = cases.shift(); each !== undefined; each = cases.shift()) {
    const { name, run } = each
    points++
    const { violations, hit, sealedMs, deletedMs } = await run().catch((error: Error) => ({
      violations: [String(error.stack)],
      hit: undefined,
      sealedMs: undefined,
      deletedMs: undefined,
    }))
    if (hit) hits++
    if (sealedMs !== undefined) sealed.push(sealedMs)
    if (deletedMs !== undefined) deleted.push(deletedMs)
    if (violations.length > 0) violated++
    console.log(violations.length > 0 ? `VIOLATION ${name}\n  ${violations.join('\n  ')}` : `ok ${name}`)
  }
}

await Promise.all(Array.from({ length: Number(values.workers) }, work))

const worst = (all: readonly number[]) => (all.length === 0 ? '–' : `${Math.max(...all)} ms`)
console.log(
  `\n${points} points, ${hits} kills, ${violated} violations; from a signal to the seal at most ${worst(sealed)}, to the request to delete the machine ${worst(deleted)}`,
)
process.exitCode = violated > 0 ? 1 : 0
