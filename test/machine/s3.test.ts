import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runObjects } from '../../core/depot.ts'
import type { ManifestRecord } from '../../core/protocol/records.ts'
import { makeSecret } from '../secrets.ts'
import { keys, type S3Server, startS3Server } from './s3-server.ts'
import { type Stage, setStage } from './stage.ts'

let stage: Stage
let server: S3Server
beforeAll(async () => {
  stage = await setStage()
  server = await startS3Server()
})
afterAll(async () => {
  expect(stage.google.compute.instances()).toEqual([])
  expect(stage.google.unknown()).toEqual([])
  await stage[Symbol.asyncDispose]()
  await server[Symbol.asyncDispose]()
})

/** What a batch needs for the server. */
const wish = () => ({ aws: { endpoint: server.url }, env: keys })

async function read(bucket: string, name: string): Promise<string> {
  const objects = server.open(bucket)
  const object = await objects.stat(name)
  if (object === undefined) throw new Error(`there is no ${name} in ${bucket}`)
  return text(objects.open(object) as AsyncIterable<Uint8Array<ArrayBuffer>>)
}

test('outputs go to S3, and are in the manifest beside those of Cloud Storage', async () => {
  const partner = await server.make('partner')
  const machine = await stage.boot({
    ...wish(),
    steps: [
      'mkdir -p scores/a && echo 1 > scores/a/1 && echo 2 > "scores/b 2" && head -c 9000000 /dev/zero > large',
    ],
    outputs: [
      { path: 'scores/', to: 's3://partner/2026-11-01/' },
      { path: 'large', to: 's3://partner' },
      { path: 'scores', name: 'depot' },
    ],
  })
  const result = await machine.gone()
  expect(result).toMatchObject({
    state: 'succeeded',
    outputs: [
      { name: 'scores', uri: 's3://partner/2026-11-01/', files: 2, bytes: 4 },
      { name: 'large', uri: 's3://partner/large', files: 1, bytes: 9_000_000 },
      { name: 'depot', files: 2 },
    ],
  })
  expect(await read('partner', '2026-11-01/a/1')).toBe('1\n')
  const { files } = JSON.parse(await machine.read(runObjects.manifest(machine.run, 1))) as ManifestRecord
  const { etag } = (await partner.stat('2026-11-01/b 2')) ?? {}
  expect(files.find(({ path }) => path === 'b 2')).toEqual({
    output: 'scores',
    path: 'b 2',
    uri: 's3://partner/2026-11-01/b 2',
    size: 2,
    crc32c: expect.stringMatching(/^.{6}==$/),
    etag,
  })
  // The keys are the machine's business.
  expect(await machine.said()).not.toContain(keys.AWS_SECRET_ACCESS_KEY.repeat(2))
})

test('what S3 refuses is told, and the other outputs are stored', async () => {
  await server.make('fine')
  const machine = await stage.boot({
    ...wish(),
    steps: ['echo 1 > a'],
    outputs: [
      { path: 'a', to: 's3://no-such-bucket/x/' },
      { path: 'a', name: 'b', to: 's3://fine/' },
      { path: 'a', name: 'c' },
    ],
  })
  const result = await machine.gone()
  expect(result).toMatchObject({
    state: 'failed',
    reason: 'outputs',
    exitCode: 74,
    outputs: [{ name: 'b' }, { name: 'c' }],
  })
  expect(result?.message).toMatch(
    /^batch\.yaml:20: the output a could not be stored: s3:PutObject: s3:\/\/no-such-bucket\/x\/a: .*NoSuchBucket.*$/,
  )
})

test('keys are secrets of the batch', async () => {
  await server.make('secretive')
  await makeSecret(stage.google.url, 'aws-key-id', keys.AWS_ACCESS_KEY_ID)
  await makeSecret(stage.google.url, 'aws-secret-key', keys.AWS_SECRET_ACCESS_KEY)
  const secret = (name: string) => ({ secret: name, version: 'latest', as: 'variable' as const })
  const machine = await stage.boot({
    aws: { endpoint: server.url },
    secrets: { AWS_ACCESS_KEY_ID: secret('aws-key-id'), AWS_SECRET_ACCESS_KEY: secret('aws-secret-key') },
    steps: ['echo 1 > a'],
    outputs: [{ path: 'a', to: 's3://secretive/' }],
  })
  expect(await machine.gone()).toMatchObject({ state: 'succeeded', outputs: [{ uri: 's3://secretive/a' }] })
})

test('without credentials an output says what to set', async () => {
  const machine = await stage.boot({
    aws: { endpoint: server.url },
    steps: ['echo 1 > a'],
    outputs: [{ path: 'a', to: 's3://fine/' }],
  })
  const result = await machine.gone()
  expect(result).toMatchObject({ reason: 'outputs', exitCode: 74 })
  expect(result?.message).toContain('AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set')
})

test('inputs come from S3, and a later attempt takes what the first one found', async () => {
  const source = await server.make('source')
  const put = async (name: string, body: string) => {
    const { writeFile } = await import('node:fs/promises')
    const file = `${server.folder}/${createHash('sha256').update(name).digest('hex')}`
    await writeFile(file, body)
    return source.put(name, file, new AbortController().signal)
  }
  await put('ratings/1.csv', 'one\n')
  await put('ratings/deep/2.csv', 'two\n')
  await put('ratings/3.tsv', 'three\n')
  const first = await put('model.bin', 'weights\n')
  const inputs = [
    { from: 's3://source/ratings/**.csv', to: 'data/', where: 'batch.yaml:6' },
    { from: 's3://source/model.bin', to: 'model.bin', where: 'batch.yaml:7' },
  ]
  const parts = {
    ...wish(),
    id: 's3-inputs',
    inputs,
    steps: ['cat data/1.csv data/deep/2.csv model.bin; ls data'],
  }
  const machine = await stage.boot(parts)
  const result = await machine.gone()
  expect(result).toMatchObject({ state: 'succeeded' })
  expect(result?.inputs).toEqual([
    {
      from: 's3://source/ratings/**.csv',
      to: 'data/',
      uri: 's3://source/ratings/**.csv',
      files: 2,
      bytes: 8,
    },
    { from: 's3://source/model.bin', to: 'model.bin', uri: 's3://source/model.bin', files: 1, bytes: 8 },
  ])
  expect(await machine.said()).toContain('one\ntwo\nweights\n1.csv\ndeep\n')
  const list = await machine.read(runObjects.machineInputs(machine.run))
  expect(JSON.parse(list).files).toContainEqual({
    ...{ input: 1, path: 'model.bin', uri: 's3://source/model.bin', size: 8, etag: first.etag },
  })

  await put('model.bin', 'other\n')
  const again = await (await stage.boot(parts, { 'mayfly-attempt': '2' })).gone()
  expect(again).toMatchObject({ state: 'failed', reason: 'bad-input', exitCode: 64, began: false })
  expect(again?.message).toMatch(
    new RegExp(
      `^batch\\.yaml:7: the input s3://source/model\\.bin has changed .* ETag ${first.etag}, it is another one or gone\\.`,
    ),
  )
})

test.each([
  ['s3://source/absent', 'bad-input', 64, 'batch.yaml:6: s3://source/absent: there is no such object.'],
  [
    's3://source/nothing/',
    'bad-input',
    64,
    'batch.yaml:6: s3://source/nothing/: no object is there. s3://source/ holds',
  ],
  [
    's3://elsewhere/a',
    'bad-input',
    64,
    's3:ListBucket: s3://elsewhere/: The specified bucket does not exist',
  ],
])(
  '%s: an input that stands for nothing is told before a step begins',
  async (from, reason, exitCode, message) => {
    const inputs = [{ from, to: 'a', where: 'batch.yaml:6' }]
    const result = await (await stage.boot({ ...wish(), inputs, steps: ['echo never'] })).gone()
    expect(result).toMatchObject({ state: 'failed', reason, exitCode, began: false })
    expect(result?.message).toContain(message)
  },
)

test('keys that S3 does not know are a missing permission', async () => {
  const inputs = [{ from: 's3://source/model.bin', to: 'a', where: 'batch.yaml:6' }]
  const env = { AWS_ACCESS_KEY_ID: 'S3RVER', AWS_SECRET_ACCESS_KEY: 'wrong' }
  const result = await (await stage.boot({ ...wish(), env, inputs, steps: ['echo never'] })).gone()
  expect(result).toMatchObject({ state: 'failed', reason: 'permission', exitCode: 77, began: false })
})

/** Lends keys for a token of the machine's, as AWS's STS answers. */
async function startSts(answer: (form: URLSearchParams) => readonly [status: number, xml: string]) {
  const asked: URLSearchParams[] = []
  const sts = createServer(async (request, response) => {
    const form = new URLSearchParams(await text(request))
    asked.push(form)
    const [status, xml] = answer(form)
    response.writeHead(status, { 'content-type': 'text/xml' }).end(xml)
  })
  await new Promise<void>((resolve) => sts.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(sts.address() as AddressInfo).port}`
  return { url, asked, [Symbol.asyncDispose]: async () => void sts.close() }
}

const role = 'arn:aws:iam::123456789012:role/mayfly'

test('the machine takes a role with its own identity, without any key', async () => {
  await server.make('federated')
  const lent = `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult>
<Credentials><AccessKeyId>S3RVER</AccessKeyId><SecretAccessKey>S3RVER</SecretAccessKey><SessionToken>t</SessionToken>
<Expiration>${new Date(Date.now() + 3_600_000).toISOString()}</Expiration></Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`
  await using sts = await startSts(() => [200, lent])
  const machine = await stage.boot({
    aws: { endpoint: server.url, role },
    env: { AWS_ENDPOINT_URL_STS: sts.url },
    steps: ['mkdir out && touch out/1 out/2 out/3'],
    outputs: [{ path: 'out', to: 's3://federated/' }],
  })
  expect(await machine.gone()).toMatchObject({ state: 'succeeded', outputs: [{ files: 3 }] })
  expect(
    sts.asked.map((form) => [form.get('Action'), form.get('RoleArn'), form.get('RoleSessionName')]),
  ).toEqual([['AssumeRoleWithWebIdentity', role, machine.run.slice('runs/'.length).replace('/', '-')]])
  const claims = JSON.parse(
    Buffer.from(sts.asked[0]?.get('WebIdentityToken')?.split('.')[1] ?? '', 'base64url').toString(),
  )
  expect(claims).toMatchObject({
    aud: 'sts.amazonaws.com',
    iss: 'https://accounts.google.com',
    sub: machine.id,
  })
})

test('a role that does not trust the machine is told, and how to make it', async () => {
  const refusal =
    '<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>Not authorized to perform sts:AssumeRoleWithWebIdentity</Message></Error></ErrorResponse>'
  await using sts = await startSts(() => [403, refusal])
  const machine = await stage.boot({
    aws: { endpoint: server.url, role },
    env: { AWS_ENDPOINT_URL_STS: sts.url },
    steps: ['echo 1 > a'],
    outputs: [
      { path: 'a', to: 's3://federated/' },
      { path: 'a', name: 'b' },
    ],
  })
  const result = await machine.gone()
  expect(result).toMatchObject({ reason: 'outputs', exitCode: 74, outputs: [{ name: 'b' }] })
  expect(result?.message).toMatch(
    /AWS does not lend the role to this machine: .*Not authorized.*accounts\.google\.com:sub/,
  )
})
