import { type Example, param, writeBatch } from './write.ts'

/** What is wrong with params. */
export const refusedParams: readonly Example[] = [
  {
    what: 'params as a list',
    source: writeBatch({ more: 'params: [date]' }),
    problems: ['5:9: params: expected a map, got a list.'],
  },
  {
    what: 'a param with a value for a type',
    source: param('today'),
    problems: ['6:6: params.p: expected string, number, boolean, date or choice, got "today".'],
  },
  {
    what: 'a param of a misspelt type',
    source: param('{ type: dat }'),
    problems: [
      '6:14: params.p.type: expected string, number, boolean, date or choice, got "dat". Did you mean "date"?',
    ],
  },
  {
    what: 'a param without a type',
    source: param('{ default: today }'),
    problems: ['6:3: params.p: type is missing: one of string, number, boolean, date, choice, such as date.'],
  },
  {
    what: 'a short choice',
    source: param('choice'),
    problems: ['6:3: params.p: a choice needs options, such as options: [small, large].'],
  },
  {
    what: 'a choice without options',
    source: param('{ type: choice }'),
    problems: ['6:3: params.p: a choice needs options, such as options: [small, large].'],
  },
  {
    what: 'options without a choice',
    source: param('{ type: date, options: [a] }'),
    problems: ['6:3: params.p: options belong to a choice, not to a date.'],
  },
  {
    what: 'the same option twice',
    source: param('{ type: choice, options: [a, b, a] }'),
    problems: ['6:38: params.p.options: two are called "a", the first on line 6.'],
  },
  {
    what: 'a default that is no option',
    source: param('{ type: choice, options: [small, large], default: lrge }'),
    problems: ['6:56: params.p.default: expected small or large, got "lrge". Did you mean "large"?'],
    beyondSchema: 'JSON Schema does not compare keys',
  },
  {
    what: 'a default that is no date',
    source: param('{ type: date, default: 2026-02-30 }'),
    problems: [
      '6:29: params.p.default: expected a date such as 2026-03-31, today, yesterday, today-7d or today+1d, got "2026-02-30".',
    ],
    beyondSchema: 'JSON Schema does not know the calendar',
  },
  {
    what: 'a default that is no number',
    source: param('{ type: number, default: ten }'),
    problems: ['6:31: params.p.default: expected a number such as 10 or 0.5, got "ten".'],
    beyondSchema: 'a default is text, whatever the type',
  },
  {
    what: 'a time zone that there is not',
    source: param('{ type: date, time_zone: Asia/Tokio }'),
    problems: [
      '6:31: params.p.time_zone: expected a time zone such as Asia/Tokyo, got "Asia/Tokio". Did you mean "Asia/Tokyo"?',
    ],
    beyondSchema: 'JSON Schema does not know them',
  },
  {
    what: 'the time zone of a number',
    source: param('{ type: number, time_zone: UTC }'),
    problems: ['6:3: params.p: a time_zone belongs to a date, not to a number.'],
  },
  {
    what: 'a param with a bad name',
    source: writeBatch({ more: 'params:\n  2x: date' }),
    problems: ['6:3: params.2x: expected a letter, then letters, digits, "_" and "-" as the name, got "2x".'],
  },
]
