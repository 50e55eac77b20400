import type { Clock } from '../compute/clock.ts'
import { OperationFailure } from '../compute/errors.ts'
import type { Address, Fleet } from '../compute/fleet.ts'
import { GoogleError } from '../errors.ts'
import { listZones, makeInstance } from './instance.ts'
import type { Job } from './job.ts'

/** How a VM ended while it had tasks, as the exit code that Batch reserves for it. */
export type Loss = 50001 | 50002 | 50003 | 50004

/** A VM of a job. */
export interface Vm extends Address {
  /** The number of the task that it runs. */
  task: number | undefined
  /** Its agent has asked for a task. */
  isReady: boolean
}

export interface VmsOptions {
  readonly fleet: Fleet
  readonly clock: Clock
  /** Address of the emulator. */
  readonly cloud: string
  /** A VM whose agent is silent for this long after it began to run is given up. */
  readonly silenceMs: number
  readonly onLoss: (vm: Vm, loss: Loss) => void
}

/** The VMs of one job. */
export interface Vms {
  readonly all: ReadonlyMap<string, Vm>
  /** Creates one more, in the next of the job's zones. Resolves to why it could not be had. */
  add(): Promise<Refusal | undefined>
  remove(vm: Vm): Promise<void>
  /** Removes what an emulator that is gone has left of them. */
  clear(): Promise<void>
}

/** Why there is no VM: Batch's word for it, and Compute Engine's sentence. */
export interface Refusal {
  readonly code: string
  readonly message: string
  /** It will be so the next time too. */
  readonly final: boolean
}

export function openVms(job: Job, options: VmsOptions): Vms {
  const { fleet, clock, cloud, silenceMs, onLoss } = options
  const all = new Map<string, Vm>()
  const zones = listZones(job)
  const unwatch = new Map<string, () => void>()
  // Names of the time before are not given again.
  let made = fleet.all().filter(({ labels }) => labels?.['batch-job-uid'] === job.uid).length

  function watch(vm: Vm) {
    const look = () => {
      if (!all.has(vm.name)) return
      const instance = fleet.find(vm)
      // One that is shut down may still tell of its task.
      if (instance?.status === 'RUNNING' || instance?.status === 'STOPPING') return
      lose(vm, instance?.local.preempted || !instance ? 50001 : 50002)
    }
    const silence = clock.setTimer(silenceMs, () => {
      if (!vm.isReady && all.has(vm.name)) lose(vm, 50004)
    })
    const end = fleet.watch(vm, look)
    unwatch.set(vm.name, () => {
      end()
      silence()
    })
    look()
  }

  function lose(vm: Vm, loss: Loss) {
    forget(vm)
    onLoss(vm, loss)
    void fleet.remove(vm).catch(() => undefined)
  }

  function forget(vm: Vm) {
    all.delete(vm.name)
    unwatch.get(vm.name)?.()
    unwatch.delete(vm.name)
  }

  return {
    all,
    async add() {
      const number = made++
      const zone = zones[number % zones.length] as string
      const name = `${job.uid.slice(0, 46)}-group0-${number}`
      const vm: Vm = { project: job.local.project, zone, name, task: undefined, isReady: false }
      all.set(name, vm)
      try {
        await fleet.create(vm, makeInstance(job, name, zone, cloud))
      } catch (error) {
        forget(vm)
        return describe(name, error)
      }
      if (all.has(name)) watch(vm)
      return undefined
    },
    async remove(vm) {
      forget(vm)
      await fleet.remove(vm)
    },
    async clear() {
      const left = fleet.all().filter(({ labels }) => labels?.['batch-job-uid'] === job.uid)
      await Promise.all(left.map(({ name, local }) => fleet.remove({ ...local, name })))
    },
  }
}

function describe(name: string, error: unknown): Refusal {
  if (error instanceof OperationFailure) {
    const [{ code = 'INTERNAL_ERROR', message = '' } = {}] = error.errors
    const word = code.replace(/_WITH_DETAILS$/, '')
    return { code: `CODE_GCE_${word}`, message: explain(name, message), final: false }
  }
  if (error instanceof GoogleError)
    return { code: 'CODE_GCE_BAD_REQUEST', message: explain(name, error.message), final: true }
  throw error
}

function explain(name: string, message: string): string {
  return `Instance '${name}' creation failed: ${message}`
}
