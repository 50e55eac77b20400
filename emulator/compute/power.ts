import type { Driver, RunningMachine } from '../drivers/driver.ts'
import type { Clock } from './clock.ts'
import type { Instance } from './instance.ts'
import type { Machines } from './machines.ts'

export interface PowerOptions {
  readonly driver: Driver
  readonly clock: Clock
  readonly machines: Machines
  /** Called when a machine has reached its time limit. */
  readonly onDeadline: (instance: Instance) => void
  /** Called when a machine went off by itself. */
  readonly onExit: (instance: Instance) => void
}

/** The machines that this emulator has switched on. */
export interface Power {
  /** `deadline` is in milliseconds since 1970. */
  switchOn(instance: Instance, deadline: number | undefined): Promise<void>
  /** Resolves when nothing of the machine runs any more. A grace of 0 cuts the power. */
  switchOff(instance: Instance, graceMs: number): Promise<void>
  instances(): readonly Instance[]
}

export function openPower({ driver, clock, machines, onDeadline, onExit }: PowerOptions): Power {
  const running = new Map<string, { instance: Instance; machine: RunningMachine; disarm: () => void }>()
  return {
    async switchOn(instance, deadline) {
      const machine = await driver.boot(await machines.make(instance))
      const disarm =
        deadline === undefined
          ? () => {}
          : clock.setTimer(Math.max(0, deadline - clock.now()), () => onDeadline(instance))
      running.set(instance.id, { instance, machine, disarm })
      void machine.exited.then(() => {
        if (running.get(instance.id)?.machine === machine) onExit(instance)
      })
    },
    async switchOff(instance, graceMs) {
      const entry = running.get(instance.id)
      running.delete(instance.id)
      entry?.disarm()
      if (entry) return graceMs > 0 ? entry.machine.stop(graceMs) : entry.machine.kill()
      // Another emulator has it, or had it.
      if (instance.local.owner) await driver.reap(machines.locate(instance))
    },
    instances: () => [...running.values()].map(({ instance }) => instance),
  }
}
