import type { Clock } from '../compute/clock.ts'
import type { Fleet } from '../compute/fleet.ts'
import { timestamp } from '../compute/state.ts'
import { isOver, type Job, type JobState, type StatusEvent, specOf, type TaskState } from './job.ts'
import { writeTaskScript } from './script.ts'
import type { Task, Tasks } from './tasks.ts'
import { type Loss, openVms, type Refusal, type Vm } from './vms.ts'

export interface RunOptions {
  readonly job: Job
  readonly tasks: Tasks
  readonly fleet: Fleet
  readonly clock: Clock
  readonly cloud: string
  readonly silenceMs: number
  /** Between two tries to have a VM. */
  readonly retryMs: number
  /** Keeps the job as it is now. */
  readonly write: (job: Job) => void
}

/** A job that is not over: its queue, its VMs, and what becomes of its tasks. */
export interface Run {
  job(): Job
  /** Begins, or goes on where a dead emulator stopped. */
  begin(): void
  /** The next script for a VM; undefined when it is no longer needed. */
  next(vm: string): string | undefined
  /** A VM tells how a task ended. */
  finish(vm: string, index: number, exitCode: number): void
  /** Ends it: VMs first. */
  end(by: 'CANCELLED' | 'deleted'): Promise<void>
  /** The emulator ends: nothing more is done. */
  suspend(): void
}

/** What Batch tells of a lost VM. https://cloud.google.com/batch/docs/troubleshooting#reserved-exit-codes */
const losses: Readonly<Record<number, string>> = {
  50001: 'Spot VM preemption',
  50002: 'VM reporting timeout',
  50003: 'VM reboot during execution',
  50004: 'VM and task unresponsive',
  50005: 'task runs over the maximum runtime',
}

/** Compute Engine takes this many at a time. */
const makingAtOnce = 20

export function openRun(options: RunOptions): Run {
  const { tasks, fleet, clock, cloud, silenceMs, retryMs, write } = options
  let job = options.job
  const queue = [...tasks.list()].filter(({ state }) => state === 'PENDING').map(({ index }) => index)
  const vms = openVms(job, { fleet, clock, cloud, silenceMs, onLoss })
  let making = 0
  let suspended = false
  let pausing = false

  function change(members: Partial<Job['status']>, local: Partial<Job['local']> = {}) {
    const updateTime = timestamp(clock)
    job = {
      ...job,
      updateTime,
      status: { ...job.status, ...members },
      local: { ...job.local, ...local },
    }
    write(job)
  }

  function tell(type: StatusEvent['type'], description: string): StatusEvent {
    return { type, description, eventTime: timestamp(clock) }
  }

  function turn(state: JobState, because = '') {
    const { status, name, local } = job
    if (status.state === state) return
    const text = `Job state is set from ${status.state} to ${state} for job ${name}.${because}`
    const since = local.runningSince
    const ran = since === undefined ? status.runDuration : `${(clock.now() - since) / 1000}s`
    change(
      {
        state,
        statusEvents: [...status.statusEvents, tell('STATUS_CHANGED', text)],
        ...(isOver(state) && { runDuration: ran }),
      },
      state === 'RUNNING' ? { runningSince: clock.now() } : {},
    )
  }

  function turnTask(task: Task, state: TaskState, where: string, exitCode?: number, retries?: number) {
    const why =
      exitCode === undefined ? '' : ` due to ${losses[exitCode] ?? 'task failure'} with exit code ${exitCode}`
    const description = `Task state is updated from ${task.state} to ${state} on ${where}${why}.`
    const event = {
      ...tell('STATUS_CHANGED', description),
      ...(exitCode !== undefined && { taskExecution: { exitCode } }),
      taskState: state,
    }
    tasks.set(task.index, state, event, retries)
  }

  /** What becomes of a task that did not succeed. */
  function fail(index: number, vm: Vm | undefined, exitCode: number) {
    const task = tasks.get(index)
    if (!task || isOver(job.status.state)) return
    const { maxRetryCount = 0, lifecyclePolicies = [] } = specOf(job)
    const [policy] = lifecyclePolicies
    const matches = policy?.actionCondition?.exitCodes?.includes(exitCode) ?? false
    const wanted = policy === undefined || matches === (policy.action === 'RETRY_TASK')
    if (wanted && task.retries < maxRetryCount) {
      turnTask(task, 'PENDING', placeOf(vm), exitCode, task.retries + 1)
      queue.unshift(index)
    } else turnTask(task, 'FAILED', placeOf(vm), exitCode)
  }

  function onLoss(vm: Vm, loss: Loss) {
    if (suspended) return
    if (vm.task !== undefined) fail(vm.task, vm, loss)
    // https://cloud.google.com/batch/docs/troubleshooting#vm_agent_version
    if (!vm.isReady)
      note({ code: 'CODE_VM_AGENT_SILENT', message: `No Batch agent reported from ${vm.name}.` })
    step()
  }

  /** Does what is due: more VMs, or the end. */
  function step() {
    if (suspended || isOver(job.status.state) || job.status.state.endsWith('IN_PROGRESS')) return
    const counts = tasks.counts()
    const open = (counts.PENDING ?? 0) + (counts.ASSIGNED ?? 0) + (counts.RUNNING ?? 0)
    if (open === 0) return settle((counts.FAILED ?? 0) > 0 ? 'FAILED' : 'SUCCEEDED')
    const wanted = Math.min(job.local.parallelism, open)
    if (job.status.state === 'QUEUED') turn('SCHEDULED')
    if (pausing || queue.length === 0) return
    for (let more = Math.min(wanted - vms.all.size, makingAtOnce - making); more > 0; more--) void make()
  }

  async function make() {
    making++
    const refusal = await vms.add()
    making--
    if (!refusal) return step()
    if (suspended || isOver(job.status.state)) return
    note(refusal)
    if (refusal.final) return settle('FAILED', ' Job is failed because its VMs cannot be created.')
    if (pausing) return
    pausing = true
    clock.setTimer(retryMs, () => {
      pausing = false
      step()
    })
  }

  /** The same trouble is told once, with how often it was met. */
  function note({ code, message }: Omit<Refusal, 'final'>) {
    const events = job.status.statusEvents
    const begin = `VM in Managed Instance Group meets error: Batch Error: code - ${code}, description - error count is `
    const known = events.findIndex(({ description }) => description.startsWith(begin))
    const count = Number(events[known]?.description.slice(begin.length).split(',')[0] ?? 0) + 1
    const event = tell('OPERATIONAL_INFO', `${begin}${count}, latest message example: ${message}`)
    change({ statusEvents: [...events.filter((_, index) => index !== known), event] })
  }

  function settle(state: 'SUCCEEDED' | 'FAILED', because = '') {
    leaveUnexecuted()
    turn(state, because)
    for (const vm of vms.all.values()) void vms.remove(vm).catch(() => undefined)
  }

  function leaveUnexecuted() {
    for (const task of tasks.list()) {
      if (task.state === 'PENDING') turnTask(task, 'UNEXECUTED', 'no VM')
      else if (task.state === 'ASSIGNED' || task.state === 'RUNNING')
        turnTask(task, 'FAILED', 'its VM', 50000)
    }
    queue.length = 0
  }

  return {
    job: () => job,
    begin() {
      // What ran when an emulator died has ended with it.
      for (const task of [...tasks.list()]) {
        if (task.state !== 'ASSIGNED' && task.state !== 'RUNNING') continue
        fail(task.index, undefined, 50002)
      }
      void vms.clear().then(step)
    },
    next(name) {
      const vm = vms.all.get(name)
      if (!vm) return undefined
      vm.isReady = true
      // It was given a task, and asks for one: it has begun anew.
      if (vm.task !== undefined) fail(vm.task, vm, 50003)
      vm.task = queue.shift()
      const task = vm.task === undefined ? undefined : tasks.get(vm.task)
      if (!task) {
        // What runs elsewhere and has to be retried gets a VM of its own.
        void vms.remove(vm).catch(() => undefined)
        return undefined
      }
      turnTask(task, 'ASSIGNED', placeOf(vm))
      turnTask({ ...task, state: 'ASSIGNED' }, 'RUNNING', placeOf(vm))
      if (job.status.state !== 'RUNNING') turn('RUNNING')
      return writeTaskScript(job, task)
    },
    finish(name, index, exitCode) {
      const vm = vms.all.get(name)
      // Told twice, when the first answer was lost.
      if (vm?.task !== index) return
      vm.task = undefined
      const task = tasks.get(index)
      if (exitCode === 0 && task) turnTask(task, 'SUCCEEDED', placeOf(vm))
      else fail(index, vm, exitCode)
      step()
    },
    async end(by) {
      turn(by === 'deleted' ? 'DELETION_IN_PROGRESS' : 'CANCELLATION_IN_PROGRESS')
      queue.length = 0
      await Promise.all([...vms.all.values()].map((vm) => vms.remove(vm)))
      leaveUnexecuted()
      if (by === 'CANCELLED') turn('CANCELLED')
    },
    suspend() {
      suspended = true
    },
  }
}

function placeOf(vm: Vm | undefined): string {
  return vm ? `zones/${vm.zone}/instances/${vm.name}` : 'a VM that is gone'
}
