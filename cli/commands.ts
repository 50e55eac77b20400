import type { exitCodes } from '../core/errors.ts'
import type { Task } from '../core/task.ts'
import { type Command, offerTask } from './command.ts'
import type { Site } from './site.ts'

/** One command: what is known of it before it is loaded. */
export interface Entry {
  /** One word or two. */
  readonly name: string
  readonly group: string
  /** What stands behind `mayfly`. */
  readonly examples: readonly string[]
  /** The exit codes that it may give, beside 0. */
  readonly exits: readonly (keyof typeof exitCodes)[]
  /** A task, which may also be done on the local cloud; or another command. */
  readonly load: { task(): Promise<Task> } | { command(site: Site): Promise<Command> }
}

const always = ['badInput', 'unknown', 'interrupted'] as const
const cloud = ['badInput', 'unknown', 'permission', 'interrupted', 'terminated'] as const

/** Every command, in the order of help. Each is loaded when it is asked for, so that the others cost nothing. */
export const entries: readonly Entry[] = [
  {
    name: 'init',
    group: 'Begin',
    examples: ['init', 'init --project acme-ml --ci drone', 'init --yes --dry-run'],
    exits: always,
    load: { command: async () => (await import('./init/command.ts')).openInit() },
  },
  {
    name: 'doctor',
    group: 'Begin',
    examples: ['doctor --zones us-central1-a', 'doctor batch.yaml --json', 'doctor batch.yaml --boot'],
    exits: cloud,
    load: { task: async () => (await import('../core/tasks/doctor/task.ts')).doctor },
  },
  {
    name: 'completion',
    group: 'Begin',
    examples: ['completion bash', 'completion fish'],
    exits: always,
    load: { command: async (site) => (await import('./completion/command.ts')).openCompletion(site) },
  },
  {
    name: 'upload-code',
    group: 'Release and run',
    examples: ['upload-code', 'upload-code v1.4.0 --dry-run'],
    exits: [...cloud, 'conflict'],
    load: { task: async () => (await import('../core/tasks/upload-code/task.ts')).uploadCode },
  },
  {
    name: 'run-batch',
    group: 'Release and run',
    examples: [
      'run-batch batch.yaml --param date=2026-11-01 --param seed=7',
      "run-batch --key 'daily-${{ params.date }}'",
      'run-batch --no-wait --json',
    ],
    exits: [
      ...cloud,
      'conflict',
      'imagePull',
      'stockout',
      'preempted',
      'quota',
      'outputs',
      'lost',
      'timedOut',
    ],
    load: { task: async () => (await import('../core/tasks/run-batch/task.ts')).runBatch },
  },
  {
    name: 'build-image',
    group: 'Release and run',
    examples: [
      'build-image v1.4.0 --playbook site.yml --family ml-batch --zones us-central1-a',
      'build-image --template image.pkr.hcl --family ml-batch --zones us-central1-a --dry-run',
    ],
    exits: [...cloud, 'conflict', 'imagePull', 'stockout', 'quota', 'lost', 'timedOut'],
    load: { task: async () => (await import('../core/tasks/build-image/task.ts')).buildImage },
  },
  {
    name: 'images list',
    group: 'Look after images',
    examples: ['images list ml-batch'],
    exits: cloud,
    load: { task: async () => (await import('../core/tasks/images/list.ts')).listImages },
  },
  {
    name: 'images rollback',
    group: 'Look after images',
    examples: ['images rollback ml-batch', 'images rollback ml-batch --to ml-batch-v1-3-0'],
    exits: cloud,
    load: { task: async () => (await import('../core/tasks/images/rollback.ts')).rollBackImage },
  },
  {
    name: 'runs list',
    group: 'Look after runs',
    examples: ['runs list', 'runs list train-recommender --limit 5'],
    exits: cloud,
    load: { task: async () => (await import('../core/tasks/runs/list.ts')).listRuns },
  },
  {
    name: 'runs show',
    group: 'Look after runs',
    examples: ['runs show train-recommender/8f0c', 'runs show 8f0c --json'],
    exits: cloud,
    load: { task: async () => (await import('../core/tasks/runs/show.ts')).showRun },
  },
  {
    name: 'runs logs',
    group: 'Look after runs',
    examples: ['runs logs 8f0c', 'runs logs 8f0c --follow'],
    exits: cloud,
    load: { task: async () => (await import('../core/tasks/runs/logs.ts')).showLogs },
  },
  {
    name: 'runs cancel',
    group: 'Look after runs',
    examples: ['runs cancel 8f0c'],
    exits: cloud,
    load: { task: async () => (await import('../core/tasks/runs/cancel.ts')).cancelRun },
  },
  {
    name: 'check-batch',
    group: 'Look after runs',
    examples: [
      'check-batch train-recommender --max-age 26h',
      'check-batch train score --max-shrink 20% --json',
    ],
    exits: [...cloud, 'unwell'],
    load: { task: async () => (await import('../core/tasks/check-batch/task.ts')).checkBatch },
  },
  {
    name: 'sweep',
    group: 'Look after runs',
    examples: ['sweep --dry-run', 'sweep --image-age 30d'],
    exits: cloud,
    load: { task: async () => (await import('../core/tasks/sweep/task.ts')).sweep },
  },
  {
    name: 'local up',
    group: 'Without a cloud',
    examples: ['local up', 'local up --state /tmp/cloud'],
    exits: always,
    load: { command: async (site) => (await import('./local/up.ts')).openUp(site) },
  },
  {
    name: 'local status',
    group: 'Without a cloud',
    examples: ['local status', 'local status --json'],
    exits: always,
    load: { command: async (site) => (await import('./local/status.ts')).openStatus(site) },
  },
  {
    name: 'local down',
    group: 'Without a cloud',
    examples: ['local down'],
    exits: always,
    load: { command: async (site) => (await import('./local/down.ts')).openDown(site) },
  },
  {
    name: 'local add-image',
    group: 'Without a cloud',
    examples: ['local add-image ml-batch'],
    exits: always,
    load: { command: async (site) => (await import('./local/add-image.ts')).openAddImage(site) },
  },
  {
    name: 'local add-secret',
    group: 'Without a cloud',
    examples: ['local add-secret redshift-password --data-file password.txt'],
    exits: always,
    load: { command: async (site) => (await import('./local/add-secret.ts')).openAddSecret(site) },
  },
  {
    name: 'demo',
    group: 'Without a cloud',
    examples: ['demo'],
    exits: always,
    load: { command: async (site) => (await import('./demo/command.ts')).openDemo(site) },
  },
]

/** Loads a command: of a task on Google's cloud or on the local one. */
export async function loadCommand({ load }: Entry, local: boolean, site: Site): Promise<Command> {
  if ('command' in load) return load.command(site)
  const task = await load.task()
  if (!local) return offerTask(task)
  const { offerLocally } = await import('./local/offer.ts')
  return offerLocally(task, site)
}
