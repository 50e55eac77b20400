import type { Fault, FaultKind } from '../../emulator/faults.ts'
import type { RequestRecord } from '../../emulator/http.ts'
import { commands, judgeRest, judgeRun, setBatchStage } from './kill-stage.ts'

/** What may befall one request of a run without changing what comes of it. */
export const singleFaults: Readonly<Record<string, FaultKind>> = {
  'lost before': { kind: 'reset-before' },
  'lost after': { kind: 'reset-after' },
  '503 before': { kind: 'status', status: 503 },
  '503 after': { kind: 'status-after', status: 503 },
  '500 after': { kind: 'status-after', status: 500 },
  '429': { kind: 'status', status: 429 },
  'rate limit': { kind: 'status', status: 403, reason: 'rateLimitExceeded' },
  truncated: { kind: 'truncate' },
  late: { kind: 'late', ms: 300 },
  duplicated: { kind: 'duplicate', ms: 300 },
  hang: { kind: 'hang' },
  'hang after': { kind: 'hang-after' },
}

/** The fault for one request of a trace: the same route, object and turn. */
export function aimFault(trace: readonly RequestRecord[], at: RequestRecord, kind: FaultKind): Fault {
  const match = describeTarget(at)
  const pattern = new RegExp(match)
  const alike = trace.filter(({ name, path, query }) => {
    return name === at.name && pattern.test(decodeURIComponent(path + query))
  })
  return { ...kind, route: at.name, match, after: alike.indexOf(at) }
}

/** Digests, ids and operations are others in every run. */
function describeTarget({ name, path, query }: RequestRecord): string {
  const asked = new URLSearchParams(query)
  const object = asked.get('name') ?? asked.get('prefix') ?? decodeURIComponent(path)
  const escaped = object.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  return name.startsWith('compute.') ? '' : escaped.replace(/[0-9a-f]{16,}/g, '[0-9a-f]+')
}

/** Runs a batch on a cloud with one fault, and tells what breaks a promise. */
export async function runWithFault(fault: Fault): Promise<readonly string[]> {
  await using stage = await setBatchStage('run-batch')
  stage.google.inject(fault)
  const first = await stage.mayfly(...commands['run-batch'])
  const again = await stage.mayfly(...commands['run-batch'])
  const found = await judgeRun(stage, first, again)
  if (first.exitCode !== 0) found.push(`it gave ${first.exitCode}: ${first.stderr}${first.stdout}`)
  return [...found, ...judgeRest(stage)]
}
