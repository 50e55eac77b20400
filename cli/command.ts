import { readExitCode } from '../core/errors.ts'
import { type Fields, type Inputs, readInputs } from '../core/fields.ts'
import type { Host, Report } from '../core/host.ts'
import { run } from '../core/run.ts'
import type { Task } from '../core/task.ts'
import type { World } from '../core/world.ts'

/** What a command line can start. */
export interface Command {
  readonly summary: string
  readonly fields: Fields
  /** Never throws: what goes wrong is told to the host. */
  start(host: Host): Promise<void>
}

/** A task as a command. `adjust` may put other ports into the world. */
export function offerTask(
  task: Task,
  adjust: (world: World, host: Host) => World = (world) => world,
): Command {
  return {
    summary: task.summary,
    fields: task.fields,
    async start(host) {
      // Here and not above: help has no need of Google's clients.
      const { openWorld } = await import('../adapters/world.ts')
      await run(task, host, (opened) => adjust(openWorld(opened), opened))
    },
  }
}

/** A command that is no task: it works on this computer alone. */
export function defineCommand<const F extends Fields>(command: {
  readonly summary: string
  readonly fields: F
  run(inputs: Inputs<F>, host: Host): Promise<Report>
}): Command {
  return {
    ...command,
    async start(host) {
      try {
        host.report(await command.run(readInputs(command.fields, { ...host, given: host.given() }), host))
      } catch (error) {
        host.fail(error, readExitCode(error))
      }
    },
  }
}

/** A report of one's own making, in the shapes that a terminal shows. */
export function tell(lines: readonly string[], json: unknown): Report {
  return { exitCode: 0, outputs: {}, lines, summary: '', json }
}
