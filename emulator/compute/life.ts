import { isAlive } from '../drivers/processes.ts'
import type { Instance } from './instance.ts'
import type { InstanceRecords } from './instance-records.ts'
import type { Operation } from './operations.ts'
import { Interrupted } from './pauses.ts'
import type { Power } from './power.ts'
import { findDeadline } from './scheduling.ts'
import { type State, timestamp } from './state.ts'
import type { Gate } from './troubles.ts'

export interface LifeOptions {
  readonly state: State
  readonly gate: Gate
  readonly power: Power
  /** How long a step of an instance's life takes. */
  readonly pause: () => Promise<void>
  /** How long a machine has to shut down before its power is cut. */
  readonly shutdownMs: number
  readonly instanceRecords: InstanceRecords
  /** The network interfaces of an instance that is about to be switched on. */
  readonly connect: (instance: Instance) => Promise<Instance['networkInterfaces']>
}

/** The life of instances, from PROVISIONING to the end. */
export interface Life extends AsyncDisposable {
  /** Does the work of an operation on an instance, after what was asked of the instance before. */
  perform(operation: Operation): Promise<void>
  /** What happens to an instance whose time is up. */
  expire(instance: Instance): void
  /** Ends what dead emulators left running. */
  recover(instances: readonly Instance[]): Promise<void>
}

export function openLife(options: LifeOptions): Life {
  const { state, gate, power, pause, shutdownMs, instanceRecords, connect } = options
  const { records, operations, clock, owner } = state
  const { set, terminate, discard } = instanceRecords
  const turns = new Map<string, Promise<void>>()

  async function bootUp(instance: Instance, starting: 'insert' | 'start') {
    set(instance, { status: 'PROVISIONING' }, { owner, preempted: undefined })
    await pause()
    gate.admit(instance)
    if (starting === 'insert') gate.obstruct('insert')
    const staged = set(instance, { status: 'STAGING', networkInterfaces: await connect(instance) })
    await pause()
    const deadline = findDeadline(instance.scheduling, clock.now())
    await power.switchOn(staged, deadline)
    const scheduling =
      deadline === undefined ? {} : { terminationTimestamp: new Date(deadline).toISOString() }
    const lastStartTimestamp = timestamp(clock)
    set(instance, { status: 'RUNNING', lastStartTimestamp, resourceStatus: { scheduling } }, { deadline })
  }

  async function create(instance: Instance) {
    if (instance.status !== 'PROVISIONING' && instance.status !== 'STAGING') return
    try {
      await bootUp(instance, 'insert')
    } catch (error) {
      if (!(error instanceof Interrupted)) {
        await power.switchOff(instance, 0)
        await discard(instance)
      }
      throw error
    }
  }

  async function start(instance: Instance) {
    if (instance.status !== 'TERMINATED') return pause()
    try {
      await bootUp(instance, 'start')
    } catch (error) {
      if (!(error instanceof Interrupted)) {
        await power.switchOff(instance, 0)
        terminate(instance)
      }
      throw error
    }
  }

  async function reset(instance: Instance) {
    if (instance.status !== 'RUNNING') return
    await power.switchOff(instance, 0)
    // It never leaves RUNNING, so that its time limit stays.
    await power.switchOn(instance, instance.local.deadline)
  }

  async function stop(instance: Instance) {
    if (instance.status === 'TERMINATED') return pause()
    await shutDown(instance)
    terminate(instance)
  }

  async function remove(instance: Instance) {
    await shutDown(instance)
    await discard(instance)
  }

  async function shutDown(instance: Instance) {
    set(instance, { status: 'STOPPING' })
    await pause()
    await power.switchOff(instance, shutdownMs)
  }

  async function preempt(instance: Instance) {
    if (instance.status !== 'RUNNING') return
    const told = set(instance, {}, { preempted: true })
    return told.scheduling.instanceTerminationAction === 'DELETE' ? remove(told) : stop(told)
  }

  async function cutPower(instance: Instance) {
    if (instance.status !== 'RUNNING') return
    await power.switchOff(instance, 0)
    terminate(instance)
  }

  async function loseHost(instance: Instance) {
    await cutPower(instance)
    const { status, scheduling } = instance
    if (status === 'RUNNING' && scheduling.automaticRestart)
      await start({ ...instance, status: 'TERMINATED' })
  }

  const works: Readonly<Record<string, (instance: Instance) => Promise<void>>> = {
    insert: create,
    start,
    stop,
    delete: remove,
    reset,
    'compute.instances.preempted': preempt,
    'compute.instances.hostError': loseHost,
    'compute.instances.guestTerminate': cutPower,
  }

  async function act({ operationType, targetLink, targetId }: Operation) {
    const instance = records.read<Instance>(targetLink)
    if (operationType !== 'insert') gate.obstruct(operationType)
    // Gone, or another one of that name by now: nothing is left to do.
    if (instance?.id === targetId) await (works[operationType] ?? pause)(instance)
  }

  function expire(instance: Instance) {
    const type = instance.scheduling.instanceTerminationAction === 'DELETE' ? 'delete' : 'stop'
    operations.begin(type, instance, { user: 'system' })
  }

  return {
    perform(operation) {
      const next = () => act(operation)
      const turn = turns.get(operation.targetId)?.then(next, next) ?? next()
      turns.set(operation.targetId, turn)
      return turn.finally(() => {
        if (turns.get(operation.targetId) === turn) turns.delete(operation.targetId)
      })
    },
    expire,
    async recover(instances) {
      for (const instance of instances) {
        const { owner, deadline = Number.POSITIVE_INFINITY } = instance.local
        if (!owner || isAlive(owner)) continue
        await power.switchOff(instance, 0)
        if (instance.status !== 'RUNNING') continue
        const terminated = terminate(instance)
        if (deadline <= clock.now()) expire(terminated)
        else operations.begin('compute.instances.hostError', terminated, { user: 'system' })
      }
    },
    async [Symbol.asyncDispose]() {
      await Promise.allSettled(turns.values())
      const ending = power.instances().map(async (instance) => {
        await power.switchOff(instance, shutdownMs)
        if (records.refresh(instance)) terminate(instance)
      })
      await Promise.all(ending)
    },
  }
}
