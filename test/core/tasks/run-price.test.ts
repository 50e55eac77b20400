import { expect, test } from 'vitest'
import type { Attempt } from '../../../core/protocol/attempts.ts'
import type { ResultRecord, RunRecord } from '../../../core/protocol/records.ts'
import type { Attendance } from '../../../core/tasks/run-batch/attend.ts'
import { describeOutcome } from '../../../core/tasks/run-batch/outcome.ts'
import { reportOutcome } from '../../../core/tasks/run-batch/report.ts'
import { makeRun } from '../protocol/virtual.ts'

const zone = 'us-central1-a'
const placement = { type: 'n2-standard-8', spot: false, soldOut: [] }

function makeResult(parts: Partial<ResultRecord> = {}): ResultRecord {
  return {
    schema: 1,
    nonce: 'n',
    by: 'machine',
    state: 'succeeded',
    exitCode: 0,
    message: 'All steps succeeded.',
    began: true,
    zone,
    placement,
    steps: [],
    phases: [{ name: 'step: train', seconds: 3000 }],
    outputs: [],
    ...parts,
  }
}

/** What a controller writes of a machine that went away without a word. */
const lost: Partial<ResultRecord> = { by: 'controller', state: 'lost', exitCode: 75, phases: [] }

const makeAttempt = (number: number, result: ResultRecord, fresh = false): Attempt => ({
  record: { schema: 1, nonce: 'n', number, instance: `test-${number}`, jobAttempt: 1 },
  created: 1_000_000,
  fresh,
  result,
})

function price(attendance: Partial<Attendance>, run: RunRecord = makeRun()) {
  const attempt = attendance.attempt ?? makeAttempt(1, makeResult())
  const { result } = attempt
  const seen = { before: [], after: [], attempt, ...(result && { result }), ...attendance }
  return describeOutcome({ run, path: 'runs/train/1', mine: true }, seen, {
    bucket: 'depot',
    project: 'acme',
  })
}

test('a run costs what its machines took, with their creation and their end', () => {
  const phase = (name: string) => [{ name, seconds: 300 }]
  const outcome = price({ before: phase('boot'), after: phase('delete') })
  expect(outcome.price).toMatchObject({ amount: 0.388472, atMost: false })
  const { outputs, lines, summary } = reportOutcome(outcome)
  expect(outputs.price).toBe('0.388472')
  expect(lines.join('\n')).toContain('price    about $0.39 ($0.39 an hour; an estimate')
  expect(summary).toContain('| Price | about $0.39 (')
})

test('the attempts before it cost too, and a spot machine only has a bound', () => {
  const spot = makeResult({ state: 'preempted', placement: { ...placement, spot: true } })
  const outcome = price({ attempt: makeAttempt(2, makeResult()), earlier: [makeAttempt(1, spot)] })
  expect(outcome.price).toMatchObject({ amount: 0.453217, atMost: true, perHour: 0.388472 })
})

test('a lost machine has a price for the one who saw it come and go, and none for others', () => {
  const result = makeResult(lost)
  const departure = { gone: true, verified: 1_000_000 + 1_800_000 } as const
  expect(price({ attempt: makeAttempt(1, result, true), departure }).price).toMatchObject({
    amount: 0.194236,
  })

  const followed = price({ attempt: makeAttempt(1, result), departure })
  expect(followed.price).toEqual({ unknown: 'nobody measured how long the n2-standard-8 ran' })
  expect(reportOutcome(followed).outputs.price).toBe('')
  expect(reportOutcome(followed).summary).toContain('| Price | unknown: nobody measured')
})

test('a run without a machine has no price, and one that goes on has a bound', () => {
  const soldOut = makeResult({ ...lost, state: 'failed', reason: 'stockout', began: false, zone: undefined })
  expect(price({ attempt: makeAttempt(1, soldOut) })).not.toHaveProperty('price')

  const { result: _, ...unfinished } = makeAttempt(1, makeResult())
  const machine = { type: 'n2-standard-8', zones: [zone], spot: false, externalIp: true }
  const running = price({ attempt: unfinished }, makeRun({ machine, attempts: 2 }))
  expect(running).toMatchObject({ state: 'running', price: { amount: 0.809317, atMost: true } })
})
