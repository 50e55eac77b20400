import { readExitCode } from './errors.ts'
import { type Fields, type Inputs, readInputs } from './fields.ts'
import type { Host } from './host.ts'
import type { Task } from './task.ts'
import type { World } from './world.ts'

/** Opens the world for a host; says on the log which Google it talks to. */
export type OpenWorld = (host: Host) => World

/** The one composition root and the one catch: inputs → plan → run → report → exit code. */
export async function run<F extends Fields, Plan, Result>(
  task: Task<F, Plan, Result>,
  host: Host,
  openWorld: OpenWorld,
): Promise<void> {
  try {
    // Before the inputs are read: a message about a bad input may quote it.
    for (const secret of readSecrets(task.fields, host)) host.mask(secret)
    const inputs = readInputs(task.fields, {
      given: host.given(),
      spell: (name) => host.spell(name),
      env: (name) => host.env(name),
      findMisplaced: (name) => host.findMisplaced?.(name),
    })
    const session = {
      world: openWorld(host),
      context: host.context,
      log: host.log,
      signal: host.signal,
      spell: (name: string) => host.spell(name),
      saveState: (name: string, value: string) => host.saveState(name, value),
      setOutput: (name: string, value: string) => host.setOutput(name, value),
    }
    const plan = await task.plan(inputs, session)
    if (isDryRun(inputs)) return host.report(reportPlan(plan))
    host.report(task.report(await task.run(plan, session), plan))
  } catch (error) {
    host.fail(error, readExitCode(error))
  }
}

function isDryRun(inputs: Inputs<Fields>): boolean {
  return 'dryRun' in inputs && inputs.dryRun === true
}

function reportPlan(plan: unknown) {
  const text = JSON.stringify(plan, null, 2)
  return {
    exitCode: 0,
    outputs: { plan: JSON.stringify(plan) },
    lines: ['Plan (nothing has been changed):', text],
    summary: `### Plan\n\nNothing has been changed.\n\n\`\`\`json\n${text}\n\`\`\`\n`,
    json: plan,
  }
}

function* readSecrets(fields: Fields, host: Host): Iterable<string> {
  for (const [name, raw] of Object.entries(host.given())) {
    if (fields[name]?.secret) yield* typeof raw === 'string' ? [raw] : raw
  }
  for (const { secret, env = [] } of Object.values(fields)) {
    if (secret) yield* env.flatMap((name) => host.env(name) || [])
  }
}
