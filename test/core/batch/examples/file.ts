import { type Example, timeout, writeBatch } from './write.ts'

const topKeys =
  'name, machine, timeout, attempts, checkpoint, code, key, reuse, params, env, secrets, aws, inputs, steps, outputs, engine, tasks, notify'
const units = 'JSON Schema does not count in units'

/** What is wrong with the file as a whole and its plain keys. */
export const refusedFile: readonly Example[] = [
  { what: 'nothing', source: '', problems: [`1:1: expected a batch file (${topKeys}), got nothing.`] },
  {
    what: 'a list',
    source: '- name: x\n',
    problems: [`1:1: expected a batch file (${topKeys}), got a list.`],
  },
  {
    what: 'none of the keys',
    source: '{}\n',
    problems: [
      '1:1: name is missing: the name of the batch, such as train-recommender.',
      '1:1: machine is missing: the machine that exists for a run of the batch.',
      '1:1: timeout is missing: the machine is gone by then, whatever happens, such as 2h.',
      '1:1: steps is missing: what runs, in this order.',
    ],
  },
  {
    what: 'an unknown key',
    source: writeBatch({ more: 'motor: vm' }),
    problems: [`5:1: motor: no such key in a batch file. There are ${topKeys}.`],
  },
  {
    what: 'a checkpoint of the whole work directory',
    source: writeBatch({ more: 'checkpoint: ./' }),
    problems: [
      '5:13: checkpoint: expected a folder below the work directory, without a leading "/" and "..", got "./".',
    ],
  },
  {
    what: 'a checkpoint from above, every second',
    source: writeBatch({ more: 'checkpoint: { path: a/../.., every: 5 }' }),
    problems: [
      '5:21: checkpoint.path: expected a folder below the work directory, without a leading "/" and "..", got "a/../..".',
      '5:37: checkpoint.every: expected a duration such as 45s, 90m, 1h30m or 2d, got "5". A number needs a unit: s, m, h or d.',
    ],
  },
  {
    what: 'a misspelt key',
    source: writeBatch({ more: 'ouputs: []' }),
    problems: ['5:1: ouputs: no such key in a batch file. Did you mean "outputs"?'],
  },
  {
    what: 'a key that is given twice',
    source: writeBatch({ more: 'timeout: 3h' }),
    problems: ['5:1: timeout: given twice, first on line 3.'],
    beyondSchema: 'a map in memory has each key once',
  },
  {
    what: 'a key without a value',
    source: writeBatch({ name: 'name:' }),
    problems: ['1:1: name: expected up to 40 of a-z, 0-9 and "-", beginning with a letter, got nothing.'],
  },
  {
    what: 'a name in capitals',
    source: writeBatch({ name: 'name: Train' }),
    problems: ['1:7: name: expected up to 40 of a-z, 0-9 and "-", beginning with a letter, got "Train".'],
  },
  {
    what: 'a name that is too long',
    source: writeBatch({ name: 'name: a2345678901234567890123456789012345678901' }),
    problems: [
      '1:7: name: expected up to 40 of a-z, 0-9 and "-", beginning with a letter, got "a2345678901234567890123456789012345678901".',
    ],
  },
  {
    what: 'a name with NUL',
    source: writeBatch({ name: 'name: "a\\0"' }),
    problems: ['1:7: name: expected text without NUL characters, got "a\\u0000".'],
  },
  {
    what: 'a name that is a map',
    source: writeBatch({ name: 'name: { a: b }' }),
    problems: ['1:7: name: expected up to 40 of a-z, 0-9 and "-", beginning with a letter, got a map.'],
  },
  {
    what: 'a timeout without a unit',
    source: timeout('90'),
    problems: [
      '3:10: timeout: expected a duration such as 45s, 90m, 1h30m or 2d, got "90". A number needs a unit: s, m, h or d.',
    ],
  },
  {
    what: 'a timeout in words',
    source: timeout('1 hour 30 minutes'),
    problems: [
      '3:10: timeout: expected a duration such as 45s, 90m, 1h30m or 2d, got "1 hour 30 minutes". Did you mean "1h30m"?',
    ],
  },
  {
    what: 'a timeout with a fraction',
    source: timeout('1.5h'),
    problems: [
      '3:10: timeout: expected a duration such as 45s, 90m, 1h30m or 2d, got "1.5h". Did you mean "1h30m"?',
    ],
  },
  {
    what: 'a timeout in weeks',
    source: timeout('2w'),
    problems: ['3:10: timeout: expected a duration such as 45s, 90m, 1h30m or 2d, got "2w".'],
  },
  {
    what: 'a timeout that is too short',
    source: timeout('29s'),
    problems: ['3:10: timeout: expected a duration from 30s to 120d, got "29s".'],
    beyondSchema: units,
  },
  {
    what: 'a timeout that is too long',
    source: timeout('121d'),
    problems: ['3:10: timeout: expected a duration from 30s to 120d, got "121d".'],
    beyondSchema: units,
  },
  {
    what: 'news that there is none of',
    source: writeBatch({ more: 'notify: { slack: "yes", on: [failures, recovery, recovery], email: a@b }' }),
    problems: [
      '5:18: notify.slack: expected true or false, got "yes".',
      '5:30: notify.on: expected failure, recovery or success, got "failures". Did you mean "failure"?',
      '5:50: notify.on: two are called "recovery", the first on line 5.',
      '5:61: notify.email: no such key in notify. There are slack, on.',
    ],
  },
  {
    what: 'no attempts',
    source: writeBatch({ more: 'attempts: 0' }),
    problems: ['5:11: attempts: expected a whole number from 1 to 10, got 0.'],
  },
  {
    what: 'attempts in quotes',
    source: writeBatch({ more: 'attempts: "3"' }),
    problems: ['5:11: attempts: expected a whole number from 1 to 10, got "3".'],
  },
  {
    what: 'code without a tag',
    source: writeBatch({ more: 'code: recommender' }),
    problems: ['5:7: code: expected name@tag or none, got "recommender".'],
  },
  {
    what: 'code with a space',
    source: writeBatch({ more: 'code: recommender@v1 4' }),
    problems: ['5:7: code: expected name@tag or none, got "recommender@v1 4".'],
  },
]
