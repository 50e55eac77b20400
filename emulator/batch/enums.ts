import type { JobBody } from './job.ts'

// Google's clients for REST write enums as numbers, people and gcloud as words: Google takes both.

const enums: Readonly<Record<string, readonly string[]>> = {
  action: ['ACTION_UNSPECIFIED', 'RETRY_TASK', 'FAIL_TASK'],
  destination: ['DESTINATION_UNSPECIFIED', 'CLOUD_LOGGING', 'PATH'],
  provisioningModel: [
    'PROVISIONING_MODEL_UNSPECIFIED',
    'STANDARD',
    'SPOT',
    'PREEMPTIBLE',
    'RESERVATION_BOUND',
    'FLEX_START',
  ],
  schedulingPolicy: ['SCHEDULING_POLICY_UNSPECIFIED', 'AS_SOON_AS_POSSIBLE', 'IN_ORDER'],
}

/** Their keys are the user's. */
const free = new Set(['variables', 'labels'])

/** The body with a word for each enum. */
export function spellEnums(body: JobBody): JobBody {
  return spell(body) as JobBody
}

function spell(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(spell)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, member]) => {
    if (free.has(key)) return [key, member]
    return [key, typeof member === 'number' ? (enums[key]?.[member] ?? member) : spell(member)]
  })
  return Object.fromEntries(entries)
}
