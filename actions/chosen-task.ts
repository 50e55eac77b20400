import { exitCodes, InputError } from '../core/errors.ts'
import type { Host } from '../core/host.ts'
import { suggestNearest } from '../core/nearest.ts'
import { type OpenWorld, run } from '../core/run.ts'
import type { Task } from '../core/task.ts'

/** Runs the task that the input `task` names, with all other inputs. */
export async function runChosen(tasks: readonly Task[], host: Host, openWorld: OpenWorld): Promise<void> {
  const { task: name, ...given } = host.given()
  const chosen = tasks.find((task) => task.name === name)
  if (chosen === undefined) return host.fail(refuse(name, tasks, host), exitCodes.badInput)
  await run(chosen, { ...host, given: () => given }, openWorld)
}

function refuse(name: string | readonly string[] | undefined, tasks: readonly Task[], host: Host) {
  const names = tasks.map((task) => task.name)
  const got = name === undefined ? 'nothing.' : `"${name}".${suggestNearest(String(name), names)}`
  const message = `expected ${names.join(' or ')}, got ${got}`
  return new InputError([{ where: host.spell('task'), message }])
}
