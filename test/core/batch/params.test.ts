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
        message: 'expected a date such as 2026-03-31, today, yesterday or today-7d, got "2026-02-29".',
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
  ['date', 'today+1d'],
  ['date', 'today-1h'],
  ['date', 'today-999999d'],
  ['date', '2026-13-01'],
  ['date', '2026-04-31'],
  ['date', '2026-4-1'],
  ['date', '20260401'],
  ['number', ''],
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
