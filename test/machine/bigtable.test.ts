import { afterAll, beforeAll, expect } from 'vitest'
import { runObjects } from '../../core/depot.ts'
import type { ManifestRecord } from '../../core/protocol/records.ts'
import { testWith } from '../tools.ts'
import { type BigtableServer, bigtable, startBigtable } from './bigtable-server.ts'
import { type Stage, setStage } from './stage.ts'

let stage: Stage
let server: BigtableServer | undefined
beforeAll(async () => {
  stage = await setStage()
  if (bigtable.found) server = await startBigtable()
})
afterAll(async () => {
  expect(stage.google.compute.instances()).toEqual([])
  expect(stage.google.unknown()).toEqual([])
  await stage[Symbol.asyncDispose]()
  await server?.[Symbol.asyncDispose]()
})

const env = () => ({ BIGTABLE_EMULATOR_HOST: server?.host ?? '' })
const rows = { to: 'bigtable://serving/scores', key: 'user_id', family: 's' }

/** Makes a table of one family; gives what Google's command line reads of it. */
function makeTable(name: string): () => string {
  server?.cbt('createtable', name, 'families=s:maxversions=3')
  return () => server?.cbt('read', name) ?? ''
}

testWith(bigtable, 'rows of CSV and of JSON lines are in the table, typed', async () => {
  const read = makeTable('scores')
  makeTable('lines')
  const machine = await stage.boot({
    env: env(),
    steps: [
      `printf 'user_id,score,rank,note\\nada,0.5,7,"one, ""two""\nlines"\\nbob,-1e3,-2,\\n' > scores.csv
       printf '{"user":"ada","region":"eu","model":{"v":1},"hits":3}\\n\\n{"user":"bob","region":"us","hits":null,"ok":true}\\n' > lines.jsonl`,
    ],
    outputs: [
      { path: 'scores.csv', ...rows, types: { score: 'float64', rank: 'int64' } },
      {
        path: 'lines.jsonl',
        to: 'bigtable://serving/lines',
        key: '{region}#{user}',
        family: 's',
        types: { hits: 'int64' },
      },
    ],
  })
  const result = await machine.gone()
  expect(result).toMatchObject({
    state: 'succeeded',
    outputs: [
      { uri: 'bigtable://serving/scores', files: 1, bytes: 68 },
      { uri: 'bigtable://serving/lines', files: 1 },
    ],
  })
  const scores = read()
  expect(scores).toMatch(/^ada\n/m)
  expect(scores).toContain('s:note')
  expect(scores).toContain('"one, \\"two\\"\\nlines"')
  expect(scores).toContain(String.raw`"?\xe0\x00\x00\x00\x00\x00\x00"`)
  expect(scores).toContain(String.raw`"\xff\xff\xff\xff\xff\xff\xff\xfe"`)
  // An empty value is no cell.
  expect(scores.match(/s:note/g)).toHaveLength(1)
  const lines = server?.cbt('read', 'lines') ?? ''
  expect(lines).toMatch(/^eu#ada\n/m)
  expect(lines).toContain('"{\\"v\\":1}"')
  expect(lines).toContain('"true"')
  const { files } = JSON.parse(await machine.read(runObjects.manifest(machine.run, 1))) as ManifestRecord
  expect(files).toContainEqual({
    output: 'scores.csv',
    path: 'scores.csv',
    uri: 'bigtable://serving/scores',
    size: 68,
    crc32c: expect.stringMatching(/^.{6}==$/),
    rows: 2,
  })
})

testWith(bigtable, 'another attempt writes the same cells, not further versions of them', async () => {
  const read = makeTable('again')
  const parts = {
    id: 'bigtable-again',
    env: env(),
    steps: ['printf "user_id,score\\nada,1\\n" > a.csv'],
    outputs: [{ path: 'a.csv', ...rows, to: 'bigtable://serving/again' }],
  }
  const first = await stage.boot(parts)
  expect(await first.gone()).toMatchObject({ state: 'succeeded' })
  const before = read()
  // As a later attempt does, with the same plan.
  const second = await stage.boot(parts, { 'mayfly-attempt': '2' })
  expect(await second.gone()).toMatchObject({ state: 'succeeded' })
  expect(read()).toBe(before)
  expect(before.match(/s:score/g)).toHaveLength(1)
})

testWith(bigtable, 'many rows go in batches', async () => {
  makeTable('many')
  const machine = await stage.boot({
    env: env(),
    steps: ['{ echo user_id,score; seq 1 25000 | sed "s/.*/user-&,&/"; } > a.csv'],
    outputs: [{ path: 'a.csv', ...rows, to: 'bigtable://serving/many' }],
  })
  expect(await machine.gone()).toMatchObject({ state: 'succeeded' })
  expect(server?.cbt('count', 'many').trim()).toBe('25000')
})

const broken = `printf 'user_id,score\\nada,1\\nbob\\ncleo,x\\n,3\\n"dan,4\\n' > a.csv`

testWith(
  bigtable,
  'a file with broken rows is told row by row, nothing of it is stored, and other outputs are',
  async () => {
    const read = makeTable('broken')
    const machine = await stage.boot({
      env: env(),
      steps: [broken],
      outputs: [
        { path: 'a.csv', ...rows, to: 'bigtable://serving/broken', types: { score: 'float64' } },
        { path: 'a.csv', name: 'kept' },
      ],
    })
    const result = await machine.gone()
    expect(result).toMatchObject({
      state: 'failed',
      reason: 'outputs',
      exitCode: 74,
      outputs: [{ name: 'kept' }],
    })
    expect(result?.message).toBe(
      [
        'batch.yaml:20: the output a.csv could not be stored: 4 rows are broken:',
        'a.csv:3: expected 2 values as in the header, got 1.',
        'a.csv:4: column score: expected a number for float64, got "x".',
        'a.csv:5: column user_id, which makes the key, is empty.',
        'a.csv:6: a quote is opened and never closed.',
        'No row of the file is stored.',
      ].join('\n'),
    )
    expect(read()).toBe('')
  },
)

const refusals: readonly (readonly [what: string, step: string, output: object, message: RegExp])[] = [
  [
    'a table that is not there',
    'printf "user_id,a\\n1,2\\n" > a.csv',
    { to: 'bigtable://serving/scorse' },
    /bigtable:\/\/serving\/scorse: table .* not found \(gRPC 5\)\. .*cbt -instance serving createtable scorse/,
  ],
  [
    'a family that is not there',
    'printf "user_id,a\\n1,2\\n" > a.csv',
    { to: 'bigtable://serving/families', family: 'f' },
    /there is no column family f\. Create it with: cbt -instance serving createfamily families f/,
  ],
  [
    'a key column that is not there',
    'printf "user,a\\n1,2\\n" > a.csv',
    { to: 'bigtable://serving/families' },
    /a\.csv:1: there is no column user_id\. There are user, a\./,
  ],
  [
    'an empty file',
    'touch a.csv',
    { to: 'bigtable://serving/families' },
    /a\.csv:1: the file is empty: it has no header\./,
  ],
  [
    'columns of one name',
    'printf "user_id,a,a\\n1,2,3\\n" > a.csv',
    { to: 'bigtable://serving/families' },
    /a\.csv:1: there are two columns a\./,
  ],
  [
    'lines that are no objects',
    'printf "[1]\\n{\\n{}\\n" > a.jsonl',
    { path: 'a.jsonl', to: 'bigtable://serving/families' },
    /a\.jsonl:1: expected a JSON object, got "\[1\]"\.\na\.jsonl:2: expected a JSON object on one line, got "\{"\.\na\.jsonl:3: /,
  ],
  [
    'a file of another kind',
    'echo 1 > a.parquet',
    { path: 'a.parquet', to: 'bigtable://serving/families' },
    /a\.parquet is no file of rows: those end in \.csv, \.jsonl or \.ndjson\./,
  ],
]

for (const [what, step, output, message] of refusals)
  testWith(bigtable, `${what} is told`, async () => {
    if (!server?.cbt('ls').includes('families')) makeTable('families')
    const machine = await stage.boot({
      env: env(),
      steps: [step],
      outputs: [{ path: 'a.csv', ...rows, ...output }],
    })
    const result = await machine.gone()
    expect(result).toMatchObject({ state: 'failed', reason: 'outputs', exitCode: 74 })
    expect(result?.message).toMatch(message)
  })
