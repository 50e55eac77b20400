import { execFileSync } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RequestRecord } from '../../emulator/http.ts'
import { type Stage, setStage } from './stage.ts'

/** What happens to requests of the machine at hand: `lose` takes one away. */
type Trap = (request: string, moment: 'before' | 'after') => Promise<'lose' | undefined> | 'lose' | undefined

let stage: Stage
let trap: Trap | undefined
beforeAll(async () => {
  stage = await setStage({
    onRequest: (record, moment) => (isOfMachine(record) ? trap?.(describe(record), moment) : undefined),
  })
})
afterAll(async () => {
  expect(stage.google.compute.instances()).toEqual([])
  expect(stage.google.unknown()).toEqual([])
  await stage[Symbol.asyncDispose]()
})

function isOfMachine({ userAgent }: RequestRecord): boolean {
  return /mayfly-agent|^curl/.test(userAgent)
}

function describe({ method, path, query }: RequestRecord): string {
  return `${method} ${decodeURIComponent(path + query)}`
}

/** Ends the startup script, the agent and the steps of a machine, as a kernel that panics does. */
function killAll(id: string): void {
  const pids = execFileSync('pgrep', ['-f', `machines/${id}/`], { encoding: 'utf8' })
    .trim()
    .split('\n')
  for (const pid of pids) process.kill(Number(pid), 'SIGKILL')
}

async function reset(id: string): Promise<void> {
  const path = `projects/acme/zones/us-central1-a/instances/${id}/reset`
  await fetch(`${stage.google.url}/compute/v1/${path}`, { method: 'POST' })
}

const lost = { by: 'machine', state: 'lost', exitCode: 75, began: true, steps: [] }
const succeeded = { by: 'machine', state: 'succeeded', exitCode: 0, began: true }

test.each([
  ['before the agent came', /GET .*agent\/.*alt=media/, 'before', succeeded],
  ['before the plan was read', /GET .*run\.json/, 'before', succeeded],
  ['before the fence', /POST .*started\.json/, 'before', succeeded],
  ['behind the fence, without knowing it', /POST .*started\.json/, 'after', lost],
  ['at its steps', /POST .*logs\/000001/, 'after', lost],
  ['at its outputs', /POST .*outputs\/out/, 'after', lost],
  ['before the manifest', /POST .*manifest\.json/, 'before', lost],
  ['before the result', /POST .*result\.json/, 'before', lost],
  ['after the result, without knowing it', /POST .*result\.json/, 'after', succeeded],
  ['before it deleted itself', /DELETE .*instances/, 'before', succeeded],
] as const)('a machine that dies %s and boots again ends in one result', async (_, at, moment, expected) => {
  const died = Promise.withResolvers<void>()
  trap = async (request, when) => {
    if (when !== moment || !at.test(request)) return undefined
    trap = undefined
    const [{ id = '' } = {}] = stage.google.compute.instances()
    killAll(id)
    died.resolve()
    return 'lose'
  }
  // Long enough for its log to be stored in the middle.
  const machine = await stage.boot({
    steps: ['echo said; sleep 1; echo x > out'],
    outputs: [{ path: 'out' }],
  })
  await died.promise
  await reset(machine.id)

  expect(await machine.gone()).toMatchObject(expected)
})

test('a network that is cut for a while costs no work, no line and no result', async () => {
  let cut = false
  trap = (request, moment) => {
    if (moment === 'after' && request.includes('started.json')) cut = true
    return cut && moment === 'before' ? 'lose' : undefined
  }
  const machine = await stage.boot({ steps: ['echo one', 'echo two > out'], outputs: [{ path: 'out' }] })
  await sleep(2500)
  cut = false
  trap = undefined
  expect(await machine.gone()).toMatchObject({ ...succeeded, outputs: [{ files: 1 }] })
  expect(await machine.said()).toMatch(/^## step1\none\n## step2\n# Stored out/)
})

test('a machine that may not delete itself says so, and its result stands', async () => {
  stage.google.compute.deny('compute.instances.delete')
  const machine = await stage.boot({ steps: ['echo done'] })
  while (!String(await machine.serial()).includes('did not delete itself')) await sleep(50)
  expect(await machine.serial()).toMatch(/compute\.instances\.delete/)
  stage.google.compute.relieve()
  await reset(machine.id)
  expect(await machine.gone()).toMatchObject(succeeded)
})
