import { parseArgs } from 'node:util'
import { listTroubles } from './boundaries.ts'
import { employ } from './crew.ts'
import { checkJob } from './jobs/check.ts'
import { playJob } from './jobs/story.ts'
import { findMutant, mutantNames } from './mutants.ts'
import { judge } from './seeds.ts'
import { simulateSeed } from './simulation.ts'
import type { Order } from './worker.ts'

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '0' },
    mutant: { type: 'string' },
    boundaries: { type: 'boolean', default: false },
    jobs: { type: 'boolean', default: false },
    trace: { type: 'boolean', default: false },
  },
})

const { mutant } = values
const first = readCount('seed', values.seed)
const count = readCount('seeds', values.seeds)
if (mutant !== undefined && findMutant(mutant) === undefined)
  fail(`--mutant: expected ${mutantNames.join(', ')}, or some of them joined by +; got "${mutant}".`)

if (values.jobs) await playJobs()
else if (values.trace) await showSeed(first)
else if (values.boundaries) await playBoundaries()
else await playSeries()

/** Tells one seed as a story. */
async function showSeed(seed: number): Promise<void> {
  const change = mutant === undefined ? undefined : findMutant(mutant)
  const simulated = await simulateSeed(seed, { trace: true, ...(change && { mutant: change }) })
  const { history } = simulated
  for (const line of history.trace ?? []) console.log(line)
  for (const [title, list] of Object.entries({
    machines: history.lives,
    works: history.works,
    told: history.told,
  }))
    for (const each of list) console.log(`${title}: ${JSON.stringify(each)}`)
  const violations = judge(simulated)
  for (const { invariant, what } of violations) console.log(`VIOLATION ${invariant}: ${what}`)
  if (violations.length > 0) process.exitCode = 1
}

/** Stories of runs with engine: cloud-batch, or one of them told. */
async function playJobs(): Promise<void> {
  const start = performance.now()
  const total = { stories: 0, requests: 0, injected: 0, crashes: 0, violations: 0 }
  for (let seed = first; seed < first + (values.trace ? 1 : count); seed++) {
    const told = await playJob(seed, { trace: values.trace })
    for (const line of told.history.trace ?? []) console.log(line)
    const violations = checkJob(told)
    total.stories++
    total.requests += told.requests
    total.injected += told.injected
    total.crashes += told.crashes
    if (violations.length > 0) total.violations++
    for (const { invariant, what } of violations)
      console.log(`story ${seed}: ${invariant}: ${what}\n  npm run chaos -- --jobs --seed ${seed} --trace`)
  }
  const seconds = ((performance.now() - start) / 1000).toFixed(1)
  console.log(
    Object.entries({ ...total, seconds })
      .map(([name, figure]) => `${figure} ${name}`)
      .join('\n'),
  )
  if (total.violations > 0) process.exitCode = 1
}

async function playSeries(): Promise<void> {
  const total = { seeds: 0, requests: 0, injected: 0, crashes: 0, violations: 0 }
  const start = performance.now()
  await employ(cutSeries(), (delivery) => {
    if (delivery.is !== 'seeds') return
    const { tally } = delivery
    total.seeds += tally.seeds
    total.requests += tally.requests
    total.injected += tally.injected
    total.crashes += tally.crashes
    for (const { seed, violations } of tally.broken) {
      // The first few tell enough; a mutant has thousands.
      if (total.violations++ >= 10) continue
      for (const { invariant, what } of violations) console.log(`seed ${seed}: ${invariant}: ${what}`)
      const replay = mutant === undefined ? '' : ` --mutant ${mutant}`
      console.log(`  npm run chaos -- --seed ${seed} --trace${replay}`)
    }
  })
  const seconds = (performance.now() - start) / 1000
  console.log(
    [
      `${total.seeds} seeds from ${first}`,
      `${total.requests} requests`,
      `${total.injected} faults`,
      `${total.crashes} crashes at a boundary`,
      `${total.violations} seeds with violations`,
      `${seconds.toFixed(1)} s, ${Math.round(total.seeds / seconds)} seeds/s`,
    ].join('\n'),
  )
  if (total.violations > 0) process.exitCode = 1
}

function* cutSeries(): Iterable<Order> {
  const size = 250
  for (let done = 0; done < count; done += size)
    yield { is: 'seeds', series: { first: first + done, count: Math.min(size, count - done), mutant } }
}

/** Every crash of the first caller, every fault of its requests, and every pair of those. */
async function playBoundaries(): Promise<void> {
  for (const does of ['run', 'upload', 'build'] as const) {
    const troubles = await listTroubles(does)
    const start = performance.now()
    let broken = 0
    await employ(cutTroubles(), (delivery) => {
      if (delivery.is !== 'troubles') return
      for (const { trouble, violations } of delivery.broken) {
        if (broken++ >= 10) continue
        console.log(`${does} ${JSON.stringify(trouble)}: ${JSON.stringify(violations)}`)
      }
    })
    const seconds = ((performance.now() - start) / 1000).toFixed(1)
    console.log(`${does}: ${troubles.length} combinations, ${broken} with violations, ${seconds} s`)
    if (broken > 0) process.exitCode = 1

    function* cutTroubles(): Iterable<Order> {
      for (let index = 0; index < troubles.length; index += 250)
        yield { is: 'troubles', does, troubles: troubles.slice(index, index + 250) }
    }
  }
}

function readCount(name: string, text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text)
  return fail(`--${name}: expected a whole number, got "${text}".`)
}

function fail(message: string): never {
  console.error(message)
  process.exit(64)
}
