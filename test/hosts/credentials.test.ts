import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runPlugin } from '../runner/drone.ts'

const script = join(import.meta.dirname, 'fixtures/plugin-credentials.ts')
const key = { type: 'service_account', client_email: 'ml@acme.example', private_key: 'BEGIN\nhunter2\nEND' }

test.each(['drone', 'woodpecker'] as const)(
  '%s: a key out of a secret is a private file, until the end',
  async (system) => {
    // As a setting, so that only our own masks are at work.
    const { log, exitCode } = await runPlugin(script, {
      system,
      settings: { credentials: JSON.stringify(key) },
    })

    expect(exitCode, log).toBe(0)
    const [, file = ''] = /^file (\S+)$/m.exec(log) ?? []
    expect(file).toMatch(/\/mayfly-credentials-\w+\/credentials\.json$/)
    expect(existsSync(file)).toBe(false)
    expect(log).toContain('\nmode 600\n')
    expect(log).toContain('\ntext ******\n')
    expect(log).toContain('\nsetting undefined\n')
    expect(log).not.toContain('hunter2')
  },
)

test.each([
  ['hunter2', 'got something else: store the whole file as a secret and give it by "from_secret".'],
  [
    '/secrets/key.json',
    'got the name of a file: set GOOGLE_APPLICATION_CREDENTIALS in "environment" to it instead.',
  ],
  [
    'eyJ0'.repeat(30),
    'got what looks like base64: store the file as the secret as it is, without encoding it.',
  ],
  ['{"private_key":"hunter2', 'got JSON that is cut off or damaged: store the whole file as the secret.'],
  ['"hunter2"', 'got something else'],
  [
    '{"private_key":"hunter2"}',
    'expected JSON with a "type" of service_account, external_account, impersonated_service_account or authorized_user, got none.',
  ],
  ['{"type":"hunter2"}', 'got another one.'],
])('credentials that are none, %s, are told in one line and not shown', async (credentials, expected) => {
  const { log, exitCode } = await runPlugin(script, { settings: { credentials } })

  expect(exitCode).toBe(64)
  expect(log).toMatch(/^Error: credentials: expected [^\n]+\n$/)
  expect(log).toContain(expected)
  expect(log).not.toContain('hunter2')
  expect(log).not.toContain('eyJ0')
})
