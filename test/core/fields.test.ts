import { expect, test } from 'vitest'
import { InputError } from '../../core/errors.ts'
import { cloudFields, flag, list, map, parsed, readInputs, text } from '../../core/fields.ts'
import { readDuration } from '../../core/units.ts'

const fields = {
  ...cloudFields,
  machine_type: text({ description: 'A machine type.', example: 'e2-standard-2' }),
  spot: flag({ description: 'Spot.' }),
  wait: flag({ description: 'Wait.', default: 'true' }),
  zones: list({ description: 'Zones.' }),
  params: map({ description: 'Params.', flag: 'param' }),
} as const

function read(given: Record<string, string | readonly string[]>, env: Record<string, string> = {}) {
  return readInputs(fields, {
    given,
    env: (name) => env[name],
    spell: (name) => `--${name.replaceAll('_', '-')}`,
  })
}

const least = { project: 'acme', bucket: 'depot' }

test('reads every kind into one typed object', () => {
  const inputs = read({
    ...least,
    machine_type: ' e2-small ',
    spot: 'True',
    zones: ['a', 'b,c'],
    params: ['date=2026-11-01', 'note=a=b, c'],
  })
  expect(inputs).toEqual({
    project: 'acme',
    bucket: 'depot',
    machineType: 'e2-small',
    spot: true,
    wait: true,
    zones: ['a', 'b', 'c'],
    params: { date: '2026-11-01', note: 'a=b, c' },
  })
})

test('reads lists and maps as JSON, the way Drone passes them', () => {
  const { zones, params } = read({ ...least, zones: '["a","b"]', params: '{"n":3,"on":true}' })
  expect(zones).toEqual(['a', 'b'])
  expect(params).toEqual({ n: '3', on: 'true' })
})

test('takes the environment when nothing is given, and the given before it', () => {
  const env = { CLOUDSDK_CORE_PROJECT: '', GOOGLE_CLOUD_PROJECT: 'from-env', MAYFLY_BUCKET: 'bucket-env' }
  expect(read({ bucket: 'given' }, env)).toMatchObject({ project: 'from-env', bucket: 'given' })
})

test('an empty value is no value', () => {
  expect(read({ ...least, machine_type: '', zones: ' ' })).toMatchObject({
    machineType: undefined,
    zones: [],
  })
})

test("reports every problem at once, in the caller's spelling", () => {
  const attempt = () => read({ bucket: 'b', spott: 'true', spot: 'maybe', params: 'date', zones: '[1' })
  expect(attempt).toThrow(InputError)
  try {
    attempt()
  } catch (error) {
    expect((error as InputError).problems).toEqual([
      { where: '--spott', message: 'there is no such input. Did you mean "--spot"?' },
      {
        where: '--project',
        message:
          'required, and not given. Google Cloud project, such as acme-ml. The environment variable CLOUDSDK_CORE_PROJECT would do as well.',
      },
      { where: '--spot', message: 'expected true or false, got "maybe".' },
      { where: '--zones', message: expect.stringMatching(/^expected a JSON array, got \[1 \(/) },
      { where: '--params', message: 'expected name=value, got "date".' },
    ])
  }
})

test('text in units is read by its own rules, and a fault of it is one of the problems', () => {
  const timed = { age: parsed({ description: 'An age.', default: '7d' }, readDuration) }
  const source = { spell: (name: string) => `--${name}`, env: () => undefined }
  expect(readInputs(timed, { ...source, given: {} })).toEqual({ age: 604_800 })
  expect(() => readInputs(timed, { ...source, given: { age: 'soon' } })).toThrow(
    /--age: expected a duration.*got "soon"/,
  )
})
