import { regionOf } from '../compute/links.ts'
import { regions, zones } from '../compute/zones.ts'
import { invalid, notBuilt } from './errors.ts'
import type { AllocationPolicy, JobBody, Runnable, TaskGroup, TaskSpec } from './job.ts'

/** https://cloud.google.com/batch/quotas#job_limits */
const limits = { tasks: 100_000, parallelism: 5000, bytes: 1_000_000, retries: 10 } as const

/** How many tasks a checked job has, and how many may run at once. */
export interface Size {
  readonly taskCount: number
  readonly parallelism: number
}

/** Checks a new job as Google does. Throws 400; 501 for what the local cloud cannot run. */
export function checkJob(body: JobBody, location: string): Size {
  const bytes = Buffer.byteLength(JSON.stringify(body))
  if (bytes > limits.bytes) throw invalid('job', `its definition has ${bytes} bytes, above the limit of 1 MB`)
  readWhole('priority', body.priority, 0, 99, 0)
  checkLabels('labels', body.labels)
  const groups = body.taskGroups ?? []
  const [group] = groups
  if (!group || groups.length > 1) throw invalid('task_groups', 'exactly one task group is supported')
  checkSpec(group.taskSpec)
  checkAllocation(body.allocationPolicy ?? {}, location)
  const { destination = 'DESTINATION_UNSPECIFIED' } = body.logsPolicy ?? {}
  checkWord('logs_policy.destination', destination, ['DESTINATION_UNSPECIFIED', 'CLOUD_LOGGING', 'PATH'])
  return readSize(group)
}

function readSize(group: TaskGroup): Size {
  const given = group.taskEnvironments?.length || group.taskCount
  const taskCount = readWhole('task_count', given, 1, limits.tasks, 1)
  const parallelism = readWhole('parallelism', group.parallelism, 1, limits.parallelism, limits.parallelism)
  if (readWhole('task_count_per_node', group.taskCountPerNode, 1, limits.tasks, 1) > 1)
    throw notBuilt('VMs that run several tasks at once')
  if (group.schedulingPolicy === 'IN_ORDER' && parallelism !== 1)
    throw invalid('parallelism', 'it must be 1 when the scheduling policy is IN_ORDER')
  return { taskCount, parallelism: Math.min(parallelism, taskCount) }
}

function checkSpec(spec: TaskSpec | undefined): void {
  const runnables = spec?.runnables ?? []
  if (!spec || runnables.length === 0) throw invalid('task_spec.runnables', 'there is none')
  for (const runnable of runnables) checkRunnable(runnable)
  readWhole('max_retry_count', spec.maxRetryCount, 0, limits.retries, 0)
  checkDuration('max_run_duration', spec.maxRunDuration)
  const policies = spec.lifecyclePolicies ?? []
  if (policies.length > 1) throw invalid('lifecycle_policies', 'only one is supported')
  for (const { action, actionCondition } of policies) {
    checkWord('lifecycle_policies.action', action ?? 'ACTION_UNSPECIFIED', ['RETRY_TASK', 'FAIL_TASK'])
    const { exitCodes = [] } = actionCondition ?? {}
    if (exitCodes.length === 0)
      throw invalid('lifecycle_policies.action_condition.exit_codes', 'there is none')
  }
  if (spec.volumes?.length) throw notBuilt('volumes')
}

function checkRunnable({ script, container, barrier, background, timeout }: Runnable): void {
  if ([script, container, barrier].filter(Boolean).length !== 1)
    throw invalid('runnables', 'each has exactly one of script, container and barrier')
  if (script && (script.text === undefined) === (script.path === undefined))
    throw invalid('runnables.script', 'it has exactly one of text and path')
  if (container) throw notBuilt('container runnables')
  if (barrier) throw notBuilt('barriers')
  if (background) throw notBuilt('background runnables')
  checkDuration('runnables.timeout', timeout)
}

function checkAllocation({ location, instances = [], labels }: AllocationPolicy, region: string): void {
  if (instances.length > 1) throw invalid('allocation_policy.instances', 'only one is supported')
  if (instances[0]?.instanceTemplate !== undefined) throw notBuilt('instance templates')
  checkLabels('allocation_policy.labels', labels)
  for (const allowed of location?.allowedLocations ?? []) {
    const [kind, name = ''] = allowed.split('/')
    const known = kind === 'regions' ? regions.includes(name) : kind === 'zones' && zones.includes(name)
    if (!known) throw invalid('allowed_locations', `${allowed} is no region or zone`)
    if ((kind === 'zones' ? regionOf(name) : name) !== region)
      throw invalid('allowed_locations', `${allowed} is not in the location of the job, ${region}`)
  }
  const { machineType, provisioningModel = 'STANDARD' } = instances[0]?.policy ?? {}
  if (machineType !== undefined && !/^[a-z0-9-]+$/.test(machineType))
    throw invalid('machine_type', `"${machineType}" is none`)
  checkWord('provisioning_model', provisioningModel, [
    'PROVISIONING_MODEL_UNSPECIFIED',
    'STANDARD',
    'SPOT',
    'PREEMPTIBLE',
  ])
}

function checkLabels(field: string, labels: Readonly<Record<string, string>> = {}): void {
  for (const [key, value] of Object.entries(labels)) {
    if (!/^\p{Ll}[\p{Ll}\p{Lo}\p{N}_-]{0,62}$/u.test(key) || !/^[\p{Ll}\p{Lo}\p{N}_-]{0,63}$/u.test(value))
      throw invalid(field, `${key}=${value} is no label`)
    if (/^goog(le)?-/.test(key)) throw invalid(field, `${key} is reserved`)
  }
}

function checkDuration(field: string, duration: string | undefined): void {
  if (duration !== undefined && !/^\d+(\.\d{1,9})?s$/.test(duration))
    throw invalid(field, `"${duration}" is no duration such as 3600s`)
}

function checkWord(field: string, word: string, words: readonly string[]): void {
  if (!words.includes(word)) throw invalid(field, `"${word}" is none of ${words.join(', ')}`)
}

/** What is missing or 0 is not set, on the wire of protocol buffers. */
function readWhole(
  field: string,
  given: string | number | undefined,
  least: number,
  most: number,
  usual: number,
): number {
  const value = Number(given ?? 0)
  if (value === 0) return usual
  if (Number.isInteger(value) && value >= least && value <= most) return value
  throw invalid(field, `${given} is not between ${least} and ${most}`)
}
