import { expect, test } from 'vitest'
import type { Param, ParamType } from '../../../core/batch/batch.ts'
import { resolveParams } from '../../../core/batch/params.ts'
import { InputError } from '../../../core/errors.ts'

// Half an hour into the last day of February of a leap year, in UTC.
const now = Date.UTC(2028, 1, 29, 0, 30)
const context = { now, spell: (field: string) => (field === 'params' ? '--param' : `--${field}`) }

const params: Record<string, Param> = {
  date: { type: 'date', default: 'yesterday' },
  size: { type: 'choice', options: ['small', 'large'] },
  rate: { type: 'number', description: 'The learning rate.' },
  fresh: { type: 'boolean', default: 'false' },
  note: { type: 'string', default: '' },
}

test('what is given counts, and the default where nothing is', () => {
  expect(resolveParams(params, { size: 'large', rate: '1.10', note: '${{ run.id }}' }, context)).toEqual({
    date: '2028-02-28',
    size: 'large',
    rate: '1.10',
    fresh: 'false',
    note: '${{ run.id }}',
  })
})

test('everything wrong is told at once, as the caller writes it', () => {
  const given = { date: '2026-02-29', dat: 'today', engine: 'vm', size: 'lage', fresh: 'yes' }
  expect(() => resolveParams(params, given, context)).toThrow(
    new InputError([
      { where: '--param dat', message: 'the batch has no such param. Did you mean "date"?' },
      {
        where: '--param engine',
        message: 'the batch has no such param. It has date, size, rate, fresh, note.',
      },
      {
        where: '--param date',
        message:
          'expected a date such as 2026-03-31, today, yesterday, today-7d or today+1d, got "2026-02-29".',
      },
      { where: '--param size', message: 'expected small or large, got "lage". Did you mean "large"?' },
      {
        where: '--param rate',
        message: 'required, and not given (The learning rate). Expected a number such as 10 or 0.5.',
      },
      { where: '--param fresh', message: 'expected true or false, got "yes".' },
    ]),
  )
})

test('a batch without params says so', () => {
  expect(() => resolveParams({}, { constructor: '1' }, context)).toThrow(
    '--param constructor: the batch has no such param. It has none.',
  )
})

test.each<[ParamType, string, string]>([
  ['date', 'today', '2028-02-29'],
  ['date', 'yesterday', '2028-02-28'],
  ['date', 'today-60d', '2027-12-31'],
  ['date', 'today-0d', '2028-02-29'],
  ['date', 'today+1d', '2028-03-01'],
  ['date', '2024-02-29', '2024-02-29'],
  ['date', '0099-12-31', '0099-12-31'],
  ['number', '-1.50e-3', '-1.50e-3'],
  ['number', '.5', '.5'],
  ['boolean', 'true', 'true'],
  ['string', ' a\nb ', ' a\nb '],
])('%s %j is %j', (type, text, value) => {
  expect(resolveParams({ p: { type } }, { p: text }, context)).toEqual({ p: value })
})

test.each<[ParamType, string]>([
  ['date', 'tomorrow'],
  ['date', 'Today'],
  ['date', 'today+1'],
  ['date', 'yesterday-1d'],
  ['date', 'today-1h'],
  ['date', 'today-999999d'],
  ['date', '2026-13-01'],
  ['date', '2026-04-31'],
  ['date', '2026-4-1'],
  ['date', '20260401'],
  ['number', '1,5'],
  ['number', '0x10'],
  ['number', 'NaN'],
  ['number', 'Infinity'],
  ['number', '1 2'],
  ['boolean', 'TRUE'],
  ['boolean', '1'],
  ['string', 'a\0b'],
])('%s %j is refused', (type, text) => {
  expect(() => resolveParams({ p: { type } }, { p: text }, context)).toThrow(`got ${JSON.stringify(text)}.`)
})

test.each([
  ['Asia/Tokyo', '2028-02-29', '2028-03-01'],
  ['America/Los_Angeles', '2028-02-28', '2028-02-29'],
  // 14 hours ahead.
  ['Pacific/Kiritimati', '2028-02-29', '2028-03-01'],
])("today in %s is that place's", (timeZone, today, tomorrow) => {
  const param: Param = { type: 'date', timeZone }
  const resolve = (p: string, at: number) => resolveParams({ p: param }, { p }, { ...context, now: at }).p
  expect(resolve('today', now)).toBe(today)
  expect(resolve('today+1d', now)).toBe(tomorrow)
})

test('a clock that is set forward or back moves no day', () => {
  const berlin: Param = { type: 'date', timeZone: 'Europe/Berlin' }
  for (const [at, yesterday] of [
    ['2026-03-29T22:30:00Z', '2026-03-29'],
    ['2026-10-25T22:59:00Z', '2026-10-24'],
    ['2026-10-25T23:01:00Z', '2026-10-25'],
  ] as const)
    expect(resolveParams({ p: berlin }, { p: 'yesterday' }, { ...context, now: Date.parse(at) })).toEqual({
      p: yesterday,
    })
})

test('an empty text is not given, as forms and schedules leave it', () => {
  const given = { date: '', size: 'small', rate: '1', fresh: '', note: '' }
  expect(resolveParams(params, given, context)).toMatchObject({
    date: '2028-02-28',
    fresh: 'false',
    note: '',
  })
  expect(() => resolveParams(params, { ...given, rate: '', size: '' }, context)).toThrow(
    /--param size: required, and not given\. .*\n--param rate: required, and not given/,
  )
})
