import { expect, test } from 'vitest'
import type { Param } from '../../../core/batch/batch.ts'
import { openDayLog } from '../../../core/tasks/run-batch/day-log.ts'
import { readDays } from '../../../core/tasks/run-batch/days.ts'

const now = Date.UTC(2026, 10, 3, 12)
const context = { now, spell: (field: string) => `--${field}` }
const date: Param = { type: 'date', default: 'today' }
const size: Param = { type: 'string' }

test('the days of a range are its ends and what is between, over the end of a month and of summer time', () => {
  expect(readDays('2028-02-28..2028-03-01', { date, size }, context)).toEqual({
    param: 'date',
    days: ['2028-02-28', '2028-02-29', '2028-03-01'],
  })
  const berlin: Param = { ...date, timeZone: 'Europe/Berlin' }
  expect(readDays('2026-10-24..2026-10-26', { date: berlin }, context).days).toHaveLength(3)
  expect(readDays('2026-11-01..2026-11-01', { date }, context).days).toEqual(['2026-11-01'])
  expect(readDays('2026-01-01..2026-12-31', { date }, context).days).toHaveLength(365)
})

test('an end is whatever the param takes, and the param is named where there are several', () => {
  expect(readDays('until = today-2d .. yesterday', { date, until: date }, context)).toEqual({
    param: 'until',
    days: ['2026-11-01', '2026-11-02'],
  })
})

test.each([
  ['2026-11-01', { date }, 'expected a range of days such as 2026-11-01..2026-11-30, got "2026-11-01".'],
  ['2026-11-01..', { date }, 'expected a range of days such as'],
  [
    '2026-11-01..2026-11-31',
    { date },
    'expected a date such as 2026-03-31, today, yesterday, today-7d or today+1d, got "2026-11-31".',
  ],
  ['2026-11-30..2026-11-01', { date }, 'expected the earlier day first, got 2026-11-30..2026-11-01.'],
  ['2025-11-01..2026-11-30', { date }, 'expected at most 366 days, got 395, 2025-11-01..2026-11-30.'],
  ['2026-11-01..today', { size }, 'the batch has no param of the type date that could stand for a day.'],
  [
    '2026-11-01..today',
    { date, until: date },
    'the batch has the date params date, until: name one, such as date=2026-11-01..2026-11-30.',
  ],
  ['dat=2026-11-01..today', { date, size }, 'the batch has no date param "dat". Did you mean "date"?'],
  ['size=2026-11-01..today', { date, size }, 'the batch has no date param "size". It has date.'],
])('%s is refused', (text, params, message) => {
  expect(() => readDays(text, params, context)).toThrow(`--backfill: ${message}`)
})

test('lines of days that speak at the same time stay whole, each behind its day', () => {
  const said: string[] = []
  const all = {
    info: (line: string) => said.push(`# ${line}\n`),
    warn: (line: string) => said.push(`! ${line}\n`),
    output: (text: string) => said.push(text),
    group: () => {},
    endGroup: () => {},
    progress: () => {},
  }
  const [one, two] = [openDayLog(all, '11-01'), openDayLog(all, '11-02')]
  one.group('train')
  one.output('a half')
  two.output('whole\nand a')
  one.output(' line\nlast')
  two.warn('hm')
  one.end()
  one.end()

  expect(said.join('')).toBe(
    '# 11-01  ── train ──\n11-02  whole\n11-01  a half line\n11-02  and a\n! 11-02  hm\n11-01  last\n',
  )
})
