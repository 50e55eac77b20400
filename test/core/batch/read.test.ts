import fc from 'fast-check'
import { expect, test } from 'vitest'
import { stringify } from 'yaml'
import { readBatch } from '../../../core/batch/read.ts'
import { InputError } from '../../../core/errors.ts'
import { writeBatch } from './examples/write.ts'
import { examples } from './examples.ts'

function listProblems(source: string): readonly string[] {
  try {
    readBatch(source, 'batch.yaml')
    return []
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    return error.problems.map(({ where, message }) => `${where}: ${message}`)
  }
}

test.each(examples)('$what', ({ source, problems }) => {
  expect(listProblems(source)).toEqual(problems.map((problem) => `batch.yaml:${problem}`))
})

const everything = `
name: train-recommender
machine:
  image: acme-images/ml-batch
  cpus: 8
  memory: 32GB
  disk: 1TB
  zones: [asia-northeast1-b, us-east1-c]
  spot: preferred
  patience: 1h
  service_account: batch@acme-ml.iam.gserviceaccount.com
  subnetwork: batch
  external_ip: false
timeout: 1h30m
attempts: 2
checkpoint: state/
code: recommender@v1.4.0
reuse: true
params:
  date: { type: date, default: today, description: day of the ratings }
  size: { type: choice, options: [1.10, no] }
  rate: number
env: { VERSION: 1.10, ANSWER: yes, FLAG: True, HEX: 0x1F, EMPTY: "", DATE: "\${{ params.date }}" }
steps:
  - run: |
      set -e
      make
  - name: train
    container: python:3.12
    env: { RUN: "\${{ run.id }}" }
    secrets: { KEY: { secret: projects/acme/secrets/key, as: file } }
    timeout: 45s
    retries: 3
    if: always
secrets: { DB_PASSWORD: redshift-password@3 }
outputs:
  - path: out/model/
  - { path: ., name: all, when: always }
  - { path: "Scores 1", to: "gs://acme/\${{ params.date }}/" }
notify: { slack: false, on: [success] }
`

test('a file becomes a batch in the units of programs, and scalars stay as they are written', () => {
  expect(readBatch(everything, 'batch.yaml').batch).toEqual({
    name: 'train-recommender',
    machine: {
      image: 'acme-images/ml-batch',
      cpus: 8,
      memoryMb: 32 * 1024,
      diskGb: 1024,
      zones: ['asia-northeast1-b', 'us-east1-c'],
      spot: 'preferred',
      patienceSeconds: 3600,
      serviceAccount: 'batch@acme-ml.iam.gserviceaccount.com',
      subnetwork: 'batch',
      externalIp: false,
    },
    timeoutSeconds: 5400,
    attempts: 2,
    checkpoint: { path: 'state/', everySeconds: 60 },
    code: 'recommender@v1.4.0',
    reuse: true,
    params: {
      date: { type: 'date', default: 'today', description: 'day of the ratings' },
      size: { type: 'choice', options: ['1.10', 'no'] },
      rate: { type: 'number' },
    },
    env: {
      VERSION: '1.10',
      ANSWER: 'yes',
      FLAG: 'True',
      HEX: '0x1F',
      EMPTY: '',
      DATE: `\${{ params.date }}`,
    },
    secrets: { DB_PASSWORD: { secret: 'redshift-password', version: '3', as: 'variable' } },
    inputs: [],
    steps: [
      { name: 'step 1', run: 'set -e\nmake\n', env: {}, secrets: {}, retries: 0, if: 'success' },
      {
        name: 'train',
        container: 'python:3.12',
        env: { RUN: `\${{ run.id }}` },
        secrets: { KEY: { project: 'acme', secret: 'key', version: 'latest', as: 'file' } },
        timeoutSeconds: 45,
        retries: 3,
        if: 'always',
      },
    ],
    engine: 'vm',
    outputs: [
      { path: 'out/model/', name: 'model', when: 'success' },
      { path: '.', name: 'all', when: 'always' },
      { path: 'Scores 1', name: 'Scores 1', to: `gs://acme/\${{ params.date }}/`, when: 'success' },
    ],
    notify: { slack: false, on: ['success'] },
  })
})

test('what is not written has its default', () => {
  expect(readBatch(writeBatch(), 'batch.yaml').batch).toEqual({
    name: 'train',
    machine: {
      image: 'ml-batch',
      cpus: 8,
      zones: ['asia-northeast1-b'],
      spot: false,
      externalIp: true,
    },
    timeoutSeconds: 7200,
    attempts: 1,
    reuse: false,
    params: {},
    env: {},
    secrets: {},
    inputs: [],
    steps: [{ name: 'step 1', run: 'make', env: {}, secrets: {}, retries: 0, if: 'success' }],
    engine: 'vm',
    outputs: [],
    notify: { slack: true, on: ['failure', 'recovery'] },
  })
})

test.each([
  { path: [], where: '2:1' },
  { path: ['machine'], where: '3:1' },
  { path: ['machine', 'service_account'], where: '11:3' },
  { path: ['machine', 'zones', 1], where: '8:30' },
  { path: ['machine', 'type'], where: '3:1' },
  { path: ['steps', 1], where: '28:5' },
  { path: ['steps', 1, 'env', 'RUN'], where: '30:12' },
  { path: ['outputs', 2, 'to'], where: '39:25' },
  { path: ['outputs', 7, 'to'], where: '36:1' },
])('$path is located at $where', ({ path, where }) => {
  expect(readBatch(everything, 'jobs/daily.yaml').locate(path)).toBe(`jobs/daily.yaml:${where}`)
})

test('Windows line ends, a byte order mark and a %YAML 1.1 directive change nothing', () => {
  const { batch } = readBatch(writeBatch(), 'batch.yaml')
  const source = writeBatch({ more: 'env: { A: yes }' })
  const foreign = `\uFEFF%YAML 1.1\n---\n${source}`.replaceAll('\n', '\r\n')
  expect(readBatch(foreign, 'batch.yaml').batch).toEqual({ ...batch, env: { A: 'yes' } })
  expect(listProblems(`\uFEFFnam: x\r\n${source}`)).toEqual([
    'batch.yaml:1:1: nam: no such key in a batch file. Did you mean "name"?',
  ])
})

test('a problem in what an alias stands for is told where it is written', () => {
  const source = writeBatch({ more: 'env: &e { A: }', steps: 'steps: [{ run: make, env: { B: 1 } }]' })
  expect(listProblems(source.replace('env: { B: 1 }', 'env: *e'))).toEqual([
    'batch.yaml:4:27: there is no anchor &e before this.',
  ])
  const after = writeBatch({
    timeout: 'env: &e { A: }',
    steps: 'timeout: 1h\nsteps: [{ run: make, env: *e }]',
  })
  expect(listProblems(after)).toEqual([
    'batch.yaml:3:11: env.A: expected text ("" for none), got nothing.',
    'batch.yaml:3:11: steps.env.A: expected text ("" for none), got nothing.',
  ])
})

test('an alias within its own anchor ends', () => {
  expect(listProblems(writeBatch({ steps: 'steps: &s [*s, { run: make, env: &e { A: *e } }]' }))).toEqual([
    'batch.yaml:4:11: steps: expected a step (name, run, container, env, secrets, timeout, retries, if), got a list.',
    'batch.yaml:4:37: steps.env.A: expected text ("" for none), got a map.',
  ])
})

const words = fc.constantFrom(
  ...['name', 'machine', 'image', 'cpus', 'zones', 'timeout', 'params', 'type', 'options', 'default', 'env'],
  ...[
    'steps',
    'run',
    'container',
    'outputs',
    'path',
    'to',
    'a',
    '1h',
    '1',
    '${{ run.id }}',
    '${{',
    '__proto__',
  ],
  ...['choice', 'date', '..', '<<', ''],
)
const values = fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 5 }, words, fc.constantFrom(null, true, 1.5, 3), tie('list'), tie('map')),
  list: fc.array(tie('value'), { maxLength: 4 }),
  map: fc.dictionary(words, tie('value'), { maxKeys: 6 }),
})).value
const fragments = fc.constantFrom(
  ...['name', ': ', '\n', '\n  ', '- ', '{', '}', '[', ']', ', ', '"', "'", '|', '>', '&a', '*a', '!t', '#'],
  ...['? ', '---', '...', '%YAML 1.1', '\t', '${{', '}}', '\0', '\r\n', 'steps', '1', '~', '@', '<<', '\\'],
)

test('no YAML makes the reader throw anything but an InputError', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        values.map((value) => stringify(value)),
        fc.array(fragments, { maxLength: 40 }).map((parts) => parts.join('')),
        fc.string(),
      ),
      (source) => {
        listProblems(source)
        listProblems(writeBatch({ more: source }))
      },
    ),
    { numRuns: 1000 },
  )
})

test.each(['[', '- ', '{a: ', '"', '&a [*a, '])('twenty thousand "%s" are refused', (opening) => {
  expect(listProblems(opening.repeat(20_000)).length).toBeGreaterThan(0)
})
