import { CloudError, exitCodes } from '../../errors.ts'
import type { FailureReason } from '../../protocol/records.ts'
import type { Verdict } from '../../protocol/seal.ts'

const refusals: Partial<Record<CloudError['failure'], FailureReason>> = {
  stockout: 'stockout',
  quota: 'quota',
  permission: 'permission',
  invalid: 'bad-input',
  'not-found': 'bad-input',
}

/** A machine that could not be had ends the attempt; whether it exists is then the fence's business. */
export function judgeRefusal(error: unknown): { readonly verdict: Verdict } {
  if (!(error instanceof CloudError)) throw error
  const reason = refusals[error.failure] ?? 'unknown'
  const exitCode = reason === 'unknown' ? exitCodes.unknown : error.exitCode
  const advice = reason === 'quota' ? ` ${quotaAdvice}` : ''
  return { verdict: { state: 'failed', reason, exitCode, message: `${error.message}${advice}` } }
}

const quotaAdvice =
  'Ask for more of it at https://console.cloud.google.com/iam-admin/quotas, or name a smaller machine, another type or zones of another region.'
