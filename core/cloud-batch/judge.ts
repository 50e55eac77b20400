import { exitCodes } from '../errors.ts'
import type { Verdict } from '../protocol/seal.ts'
import { formatDuration } from '../units.ts'
import type { JobRecord } from '../world.ts'

/** What Batch says of machines that it cannot have. https://cloud.google.com/batch/docs/troubleshooting */
const troubles: readonly {
  readonly code: RegExp
  readonly reason: 'quota' | 'stockout' | 'permission' | 'bad-input'
}[] = [
  { code: /QUOTA_EXCEEDED|inadequate quotas/, reason: 'quota' },
  { code: /RESOURCE_POOL_EXHAUSTED|STOCKOUT/, reason: 'stockout' },
  { code: /PERMISSIONS_ERROR|SERVICE_ACCOUNT/, reason: 'permission' },
  { code: /BAD_REQUEST|INVALID|NOT_FOUND/, reason: 'bad-input' },
]

const exits = {
  quota: exitCodes.quota,
  stockout: exitCodes.stockout,
  permission: exitCodes.permission,
  'bad-input': exitCodes.badInput,
} as const

const advice: Readonly<Record<keyof typeof exits, string>> = {
  quota:
    'Ask for more of it at https://console.cloud.google.com/iam-admin/quotas, or name a smaller machine or another type.',
  stockout: 'Name more zones, another machine type, ask later, or wait longer with machine.patience.',
  permission: "Give Batch's service agent and whoever runs this the role that is missing.",
  'bad-input': 'Correct it in the batch file.',
}

/**
 * What a job's trouble means for a run of which no task has begun: it waits while that may pass, for as long as its
 * patience goes. Undefined: nothing yet.
 */
export function judgeWaiting(job: JobRecord, waitedMs: number, patienceMs: number): Verdict | undefined {
  const told = job.events.findLast(
    (text) => /code - CODE_|inadequate quotas|agent/i.test(text) && !/^Job state/.test(text),
  )
  if (told === undefined) return undefined
  const trouble = troubles.find(({ code }) => code.test(told))
  if (trouble === undefined) return waitedMs > patienceMs ? giveUp(told, waitedMs) : undefined
  const { reason } = trouble
  // A limit of nothing is no matter of time; others may be given free by who has them now.
  const mayPass = reason === 'stockout' || (reason === 'quota' && !/limit: 0(?:\.0+)?\b/i.test(told))
  if (mayPass && waitedMs <= patienceMs) return undefined
  const waited = mayPass ? ` for ${formatDuration(Math.round(waitedMs / 1000))}` : ''
  return {
    state: 'failed',
    reason,
    exitCode: exits[reason],
    message: `Google Cloud Batch could not have a machine${waited}, and no task has begun. It says: ${told} ${advice[reason]}`,
  }
}

function giveUp(told: string, waitedMs: number): Verdict {
  return {
    state: 'lost',
    exitCode: exitCodes.lost,
    message: `No task has begun for ${formatDuration(Math.round(waitedMs / 1000))}. Google Cloud Batch says: ${told} An image has to bring a current agent of Batch's: build it anew with Mayfly's Ansible role.`,
  }
}

/** A job that is not there any more, or came to its end, while tasks have no result. */
export function judgeEnd(job: JobRecord | undefined): Verdict {
  const told = job?.events.at(-1)
  const how =
    job === undefined
      ? 'The job was deleted by someone'
      : job.state === 'CANCELLED'
        ? 'The job was cancelled by someone'
        : `The job came to its end (${job.state})`
  const last = told === undefined ? '' : ` Google Cloud Batch's last word: ${told}`
  return {
    state: 'lost',
    exitCode: exitCodes.lost,
    message: `${how}, and the task has no result: its machine was lost, or it had not begun.${last}`,
  }
}
