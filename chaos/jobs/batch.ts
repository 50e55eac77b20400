import type { BatchJob } from '../../core/cloud-batch/job.ts'
import { CloudError } from '../../core/errors.ts'
import type { Instance, JobRecord, JobSpec } from '../../core/world.ts'
import type { Guest } from '../instances.ts'
import { between, pick, type Random } from '../random.ts'
import type { Timeline } from '../timeline.ts'

/** What befalls a VM while it runs a task, as the exit code that Batch has for it. */
export type Trouble = 50001 | 50002 | 50003

/** A program that Batch has started for a task. */
export interface Program {
  readonly task: number
  readonly vm: { readonly id: string; readonly name: string; readonly zone: string }
  readonly job: BatchJob
  /** Called with the exit code, once. */
  readonly exit: (code: number) => void
}

export interface BatchOptions {
  /** How long a repeated requestId is recognised. */
  readonly memoryMs: number
  readonly troubleOf: () => { readonly is: Trouble; readonly afterMs: number } | undefined
  readonly refusalOf: () => CloudError | undefined
  readonly start: (program: Program) => Guest
}

interface Task {
  state: 'PENDING' | 'RUNNING' | 'FAILED' | 'SUCCEEDED'
  retries: number
}

interface Vm {
  readonly id: string
  readonly name: string
  guest?: Guest | undefined
  task?: number | undefined
}

interface Job {
  readonly spec: JobSpec
  readonly tasks: readonly Task[]
  readonly vms: Map<string, Vm>
  state: string
}

/** Google Cloud Batch: a queue of tasks, VMs that do one after another, and retries by exit code. */
export class Batch {
  readonly #timeline: Timeline
  readonly #random: Random
  readonly #options: BatchOptions
  readonly #jobs = new Map<string, Job>()
  readonly #asked = new Map<string, number>()
  /** VMs of jobs that are gone, or that Batch has given up, until they are. */
  readonly #dying = new Map<string, { readonly name: string; readonly labels: Instance['labels'] }>()
  #ids = 5000

  constructor(timeline: Timeline, random: Random, options: BatchOptions) {
    this.#timeline = timeline
    this.#random = random
    this.#options = options
  }

  create(spec: JobSpec): void {
    const { now } = this.#timeline
    const asked = this.#asked.get(spec.requestId)
    if (asked !== undefined && now - asked < this.#options.memoryMs) return
    if (this.#jobs.has(spec.id)) throw new CloudError('exists', 'batch.jobs.create', spec.id)
    const refusal = this.#options.refusalOf()
    if (refusal !== undefined) throw refusal
    this.#asked.set(spec.requestId, now)
    const count = Number((spec.job as BatchJob).taskGroups[0].taskCount)
    const tasks = Array.from({ length: count }, (): Task => ({ state: 'PENDING', retries: 0 }))
    const job: Job = { spec, tasks, vms: new Map(), state: 'QUEUED' }
    this.#jobs.set(spec.id, job)
    this.#timeline.after(between(this.#random, 500, 20_000), () => {
      if (job.state === 'QUEUED') job.state = 'RUNNING'
      this.#step(job)
    })
  }

  find(id: string): JobRecord | undefined {
    const job = this.#jobs.get(id)
    if (job === undefined) return undefined
    const counts: Record<string, number> = {}
    for (const { state } of job.tasks) counts[state] = (counts[state] ?? 0) + 1
    const { labels } = job.spec.job as BatchJob
    return { id, location: job.spec.location, state: job.state, labels, counts, events: [] }
  }

  cancel(id: string): void {
    const job = this.#jobs.get(id)
    if (job === undefined) throw new CloudError('not-found', 'batch.jobs.cancel', id)
    if (isOver(job)) return
    job.state = 'CANCELLATION_IN_PROGRESS'
    this.#end(job, () => {
      job.state = 'CANCELLED'
    })
  }

  /** Someone deletes a job in the console. */
  remove(id: string | undefined): void {
    const job = this.#jobs.get(id ?? [...this.#jobs.keys()][0] ?? '')
    if (job === undefined) return
    job.state = 'DELETION_IN_PROGRESS'
    this.#jobs.delete(job.spec.id)
    this.#end(job, () => undefined)
  }

  /** The machines of all jobs. */
  instances(): readonly Instance[] {
    const alive = [...this.#jobs.values()].flatMap((job) =>
      [...job.vms.values()].map(({ id, name }) => [id, { name, labels: labelsOf(job) }] as const),
    )
    return [...alive, ...this.#dying].map(([id, { name, labels }]) => ({
      id,
      name,
      labels,
      zone: 'zone-a',
      status: 'RUNNING',
    }))
  }

  #step(job: Job): void {
    if (job.state !== 'RUNNING') return
    const open = job.tasks.filter(({ state }) => state === 'PENDING' || state === 'RUNNING').length
    if (open === 0) {
      job.state = job.tasks.some(({ state }) => state === 'FAILED') ? 'FAILED' : 'SUCCEEDED'
      for (const vm of [...job.vms.values()]) this.#dismiss(job, vm)
      return
    }
    const parallelism = Number((job.spec.job as BatchJob).taskGroups[0].parallelism)
    while (job.vms.size < Math.min(parallelism, open)) {
      const id = String(this.#ids++)
      const vm: Vm = { id, name: `vm-${id}` }
      job.vms.set(id, vm)
      this.#timeline.after(between(this.#random, 2000, 60_000), () => this.#next(job, vm))
    }
  }

  #next(job: Job, vm: Vm): void {
    if (job.state !== 'RUNNING' || !job.vms.has(vm.id)) return
    const index = job.tasks.findIndex(({ state }) => state === 'PENDING')
    const task = job.tasks[index]
    if (task === undefined) {
      this.#dismiss(job, vm)
      this.#step(job)
      return
    }
    task.state = 'RUNNING'
    vm.task = index
    let over = false
    const finish = (code: number) => {
      if (over || !job.vms.has(vm.id)) return
      over = true
      vm.guest = undefined
      vm.task = undefined
      this.#settle(job, task, code)
      this.#timeline.after(between(this.#random, 200, 2000), () => this.#next(job, vm))
    }
    const { id, name } = vm
    vm.guest = this.#options.start({
      task: index,
      vm: { id, name, zone: 'zone-a' },
      job: job.spec.job as BatchJob,
      exit: finish,
    })
    const trouble = this.#options.troubleOf()
    if (trouble)
      this.#timeline.after(trouble.afterMs, () => {
        if (over || !job.vms.has(vm.id)) return
        over = trouble.is !== 50003
        this.#befall(job, vm, task, trouble.is, finish)
      })
  }

  #befall(job: Job, vm: Vm, task: Task, trouble: Trouble, finish: (code: number) => void): void {
    const { guest } = vm
    // The machine goes on, or boots again; its program has ended.
    if (trouble === 50003) {
      guest?.kill()
      finish(trouble)
      return
    }
    this.#dismiss(job, vm, trouble === 50001 ? 30_000 : pick(this.#random, [0, 60_000, 600_000]))
    if (trouble === 50001) guest?.warn()
    const told = trouble === 50001 ? 30_000 : 1000
    this.#timeline.after(told, () => {
      if (job.state === 'RUNNING' && task.state === 'RUNNING') this.#settle(job, task, trouble)
      this.#step(job)
    })
  }

  #settle(job: Job, task: Task, code: number): void {
    const { maxRetryCount, lifecyclePolicies } = (job.spec.job as BatchJob).taskGroups[0].taskSpec
    const retried = lifecyclePolicies[0].actionCondition.exitCodes as readonly number[]
    if (code === 0) task.state = 'SUCCEEDED'
    else if (retried.includes(code) && task.retries < maxRetryCount) {
      task.retries++
      task.state = 'PENDING'
    } else task.state = 'FAILED'
    this.#step(job)
  }

  /** Batch is done with a VM, which is there a while longer; a program on it goes on until then. */
  #dismiss(job: Job, vm: Vm, ms = between(this.#random, 500, 20_000)): void {
    job.vms.delete(vm.id)
    this.#dying.set(vm.id, { name: vm.name, labels: labelsOf(job) })
    this.#timeline.after(ms, () => {
      vm.guest?.kill()
      this.#dying.delete(vm.id)
    })
  }

  #end(job: Job, then: () => void): void {
    for (const vm of [...job.vms.values()]) {
      vm.guest?.warn()
      this.#dismiss(job, vm, between(this.#random, 500, 30_000))
    }
    this.#timeline.after(30_500, then)
  }
}

function isOver({ state }: Job): boolean {
  return state === 'SUCCEEDED' || state === 'FAILED' || state === 'CANCELLED'
}

function labelsOf({ spec }: Job): Instance['labels'] {
  return (spec.job as BatchJob).allocationPolicy.labels
}
