import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { PlannedSecret } from '../../core/protocol/records.ts'
import { disableVersion, makeSecret } from '../secrets.ts'
import { type Stage, setStage } from './stage.ts'

const password = 'hunter22-$HOME "x"'
const key = '-----BEGIN PRIVATE KEY-----\nMIIEvQIBADAN\nBgkqhkiG9w0B\n-----END PRIVATE KEY-----\n'

let stage: Stage
beforeAll(async () => {
  stage = await setStage()
  await makeSecret(stage.google.url, 'redshift', 'old-password', password)
  await makeSecret(stage.google.url, 'key', key)
  await makeSecret(stage.google.url, 'binary', Buffer.from([1, 0, 255, 10]))
  await makeSecret(stage.google.url, 'pin', '123\n')
})
afterEach(() => stage.google.compute.relieve())
afterAll(async () => {
  expect(stage.google.compute.instances()).toEqual([])
  expect(stage.google.unknown()).toEqual([])
  await stage[Symbol.asyncDispose]()
})

function wish(secret: string, more: Partial<PlannedSecret> = {}): PlannedSecret {
  return { secret, version: 'latest', as: 'variable', ...more }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** The text of all objects of the depot. */
async function readDepot(): Promise<string> {
  const texts: string[] = []
  for await (const { name } of stage.objects.list('runs/'))
    texts.push(name, new TextDecoder().decode(await stage.objects.read(name)))
  return texts.join('\n')
}

/** Command lines of all processes of this computer. */
function readCommandLines(): string {
  const read = (pid: string) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
    } catch {
      return ''
    }
  }
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(read)
    .join('\n')
}

test('steps get secrets whole, as variables and as files, and nobody else does', async () => {
  const machine = await stage.boot({
    env: { KEPT: 'from env' },
    secrets: { DB_PASSWORD: wish('redshift'), KEY: wish('key', { as: 'file' }), KEPT: wish('pin') },
    steps: [
      {
        name: 'both',
        run: 'printf %s "$DB_PASSWORD" | sha256sum; wc -c < "$KEY"; stat -c %a "$KEY"; echo "$KEY" > path; test "${OLD-none}" = none',
      },
      {
        name: 'own',
        env: { KEPT: 'from the step' },
        secrets: {
          OLD: wish('redshift', { version: '1', project: 'acme' }),
          BYTES: wish('binary', { as: 'file' }),
        },
        run: 'echo "${#OLD} $KEPT"; od -An -tu1 "$BYTES"; echo waiting; until test -e go; do sleep 0.1; done',
      },
    ],
    outputs: [{ path: 'path' }],
  })
  await machine.says(/waiting/)
  expect(readCommandLines()).not.toContain('hunter22')
  const file = readFileSync(join(machine.directory, 'work/path'), 'utf8').trim()
  // That of the first step is gone with it.
  expect(existsSync(file)).toBe(false)
  expect(readdirSync(join(file, '../..'))).toEqual(['2'])
  const instance = await (
    await fetch(`${stage.google.url}/compute/v1/projects/acme/zones/us-central1-a/instances`)
  ).text()
  expect(instance).toContain('mayfly-bucket')
  expect(instance).not.toContain('hunter22')
  await writeFile(join(machine.directory, 'work/go'), '')

  const result = await machine.gone()
  expect(result, await machine.said()).toMatchObject({
    state: 'succeeded',
    phases: [{ name: 'secrets' }, {}, {}, {}],
  })
  expect(result?.secrets).toEqual([
    expect.stringMatching(/^projects\/\d+\/secrets\/binary\/versions\/1$/),
    expect.stringMatching(/\/key\/versions\/1$/),
    expect.stringMatching(/\/pin\/versions\/1$/),
    expect.stringMatching(/\/redshift\/versions\/1$/),
    expect.stringMatching(/\/redshift\/versions\/2$/),
  ])
  const said = await machine.said()
  expect(said).toContain(
    `## both\n${sha256(password)}  -\n${key.length}\n444\n## own\n12 from the step\n   1   0 255  10\n`,
  )
  expect(said).toContain('# KEPT has fewer than 4 characters: it is not hidden in this log.')
  expect(said).toContain('# KEPT ends with a line break, which is a part of the secret.')
  expect(await readDepot()).not.toMatch(/hunter22|old-password|MIIEvQ/)
})

test('what steps say of a secret is hidden, cut in two, line by line and in base64', async () => {
  const machine = await stage.boot({
    secrets: { DB_PASSWORD: wish('redshift', { version: '1' }), KEY: wish('key') },
    steps: [
      // Between the halves the agent has passed on what it had.
      "printf 'a old-pass'; sleep 1.5; echo 'word b'; echo \"$KEY\" | sed 's/^/> /'; printf '%s' \"$DB_PASSWORD\" | base64; printf 'end old-p'",
      { run: 'no-such-"$DB_PASSWORD"', if: 'always' },
    ],
  })
  expect(await machine.gone()).toMatchObject({ exitCode: 127 })
  const said = await machine.said()
  expect(said).toContain('## step1\na *** b\n> ***\n> ***\n> ***\n> ***\n')
  expect(said).toMatch(/> \n\*{3}\nend old-p\n?## step2\n/)
  expect(said).toContain('no-such-***')
  expect(said).not.toMatch(/old-password|MIIEvQ|b2xkLXBhc3N3b3Jk/)
  expect(await readDepot()).not.toMatch(/old-password|MIIEvQ/)
})

test('each secret that cannot be had is told at once, before anything is run', async () => {
  await makeSecret(stage.google.url, 'off', 'value')
  await disableVersion(stage.google.url, 'off', 1)
  const machine = await stage.boot({
    secrets: {
      A: wish('redshft'),
      B: wish('redshift', { version: '7' }),
      C: wish('off'),
      D: wish('binary'),
      E: wish('redshift'),
    },
    steps: ['echo never'],
  })
  const result = await machine.gone()
  expect(result).toMatchObject({
    state: 'failed',
    reason: 'bad-input',
    exitCode: 64,
    began: false,
    steps: [],
  })
  expect(result?.message.split('\n')).toEqual([
    'A: acme has no secret redshft with a version latest. Correct the name, or: gcloud secrets create redshft --data-file=FILE --project=acme',
    'B: acme has no secret redshift with a version 7. Correct the name, or: gcloud secrets versions list redshift --project=acme',
    expect.stringMatching(
      /^C: secretmanager\.versions\.access: projects\/acme\/secrets\/off\/versions\/latest: Secret Version \[projects\/\d+\/secrets\/off\/versions\/1\] is in DISABLED state\. \(HTTP 400 FAILED_PRECONDITION\)\. Name another version, such as off@1, enable this one, or add a new one: gcloud secrets versions add off --data-file=FILE --project=acme$/,
    ),
    'D: the secret binary is no text without NUL bytes, as a variable has to be. Take it as a file: { secret: binary, as: file }',
    'No step has begun.',
  ])
  expect(await machine.said()).not.toContain('never')
})

test('a right that is missing has its class, and the command that gives it', async () => {
  stage.google.compute.deny('secretmanager.versions.access')
  const machine = await stage.boot({ secrets: { A: wish('redshift') }, steps: ['echo never'] })
  const result = await machine.gone()
  expect(result).toMatchObject({ state: 'failed', reason: 'permission', exitCode: 77, began: false })
  expect(result?.message).toMatch(
    /^A: the machine may not read the secret redshift of acme, or there is none\. Let it: gcloud secrets add-iam-policy-binding redshift --member=serviceAccount:\S+ --role=roles\/secretmanager\.secretAccessor --project=acme\nNo step has begun\.$/,
  )
})

test('an API that is off is told as such', async () => {
  stage.google.disable('secretmanager.googleapis.com')
  const machine = await stage.boot({ secrets: { A: wish('redshift') }, steps: ['echo never'] })
  expect(await machine.gone()).toMatchObject({
    reason: 'permission',
    message: expect.stringContaining(
      'Secret Manager API has not been used in project acme before or it is disabled.',
    ),
  })
})
