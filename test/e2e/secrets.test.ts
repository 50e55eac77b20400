import { expect, test } from 'vitest'
import { disableVersion, makeSecret } from '../secrets.ts'
import { setStage, writeBatch } from './stage.ts'

const batch = writeBatch({
  steps: '  - run: \'printf %s "$DB_PASSWORD" | wc -c; echo "it is $DB_PASSWORD"\'',
  more: 'code: none\nsecrets: { DB_PASSWORD: redshift-password }',
})

test('a run uses a secret that only its machine reads; the version stands in the result, the value nowhere', async () => {
  await using stage = await setStage()
  await makeSecret(stage.google.url, 'redshift-password', 'an older one', 'hunter22')
  await stage.write({ 'batch.yaml': batch })

  const plan = await stage.mayfly('run-batch', '--dry-run', '--json')
  expect(JSON.parse(plan.stdout).run.secrets).toEqual({
    DB_PASSWORD: { secret: 'redshift-password', version: 'latest', as: 'variable' },
  })
  const { exitCode, stdout, stderr } = await stage.mayfly('run-batch')

  expect(exitCode, stderr).toBe(0)
  expect(stdout).toContain('8\nit is ***\n')
  expect(stdout).toMatch(/secret {3}projects\/\d+\/secrets\/redshift-password\/versions\/2\n/)
  const texts = await Promise.all((await stage.objects()).map(stage.read))
  expect([stdout, stderr, ...texts].join('\n')).not.toContain('hunter22')
  const asked = stage.google.requests().filter(({ name }) => name.startsWith('secretmanager.versions'))
  expect(asked).toMatchObject([
    { name: 'secretmanager.versions.add' },
    { name: 'secretmanager.versions.add' },
    { name: 'secretmanager.versions.access', userAgent: 'mayfly-agent' },
  ])
  stage.expectNothingLeft()
})

test('a secret that cannot be read is a failure of its class, with what to do', async () => {
  await using stage = await setStage()
  await stage.write({ 'batch.yaml': batch })
  const missing = await stage.mayfly('run-batch')
  expect(missing.exitCode).toBe(64)
  expect(missing.stderr).toContain('DB_PASSWORD: acme has no secret redshift-password with a version latest.')

  await makeSecret(stage.google.url, 'redshift-password', 'hunter22')
  await disableVersion(stage.google.url, 'redshift-password', 1)
  const disabled = await stage.mayfly('run-batch')
  expect(disabled.exitCode).toBe(64)
  expect(disabled.stderr).toContain('is in DISABLED state')

  stage.google.compute.deny('secretmanager.versions.access')
  const denied = await stage.mayfly('run-batch')
  expect(denied.exitCode).toBe(77)
  expect(denied.stderr).toMatch(
    /Let it: gcloud secrets add-iam-policy-binding redshift-password --member=serviceAccount:\S+@\S+ --role/,
  )
  stage.expectNothingLeft()
})

test('doctor looks at the API, and its machine proves the right', async () => {
  await using stage = await setStage()
  await stage.write({ 'batch.yaml': batch })
  const examine = async (...args: readonly string[]) => {
    const { stdout, exitCode } = await stage.mayfly('doctor', 'batch.yaml', '--json', ...args)
    const { checks } = JSON.parse(stdout) as {
      checks: { name: string; status: string; says: string; fix?: string[] }[]
    }
    return { exitCode, secrets: checks.filter(({ name }) => name === 'secrets'), machine: checks.at(-1) }
  }

  expect(await examine()).toMatchObject({
    exitCode: 0,
    secrets: [
      {
        status: 'unknown',
        says: expect.stringMatching(
          /@developer\.gserviceaccount\.com must be able to read redshift-password; --boot proves it$/,
        ),
        fix: [
          expect.stringMatching(
            /^gcloud secrets add-iam-policy-binding redshift-password --project=acme --member=serviceAccount:/,
          ),
        ],
      },
    ],
  })
  await makeSecret(stage.google.url, 'redshift-password', 'hunter22')
  expect(await examine('--boot')).toMatchObject({
    exitCode: 0,
    secrets: [],
    machine: { name: 'machine', status: 'ok' },
  })
  stage.google.compute.deny('secretmanager.versions.access')
  expect(await examine('--boot')).toMatchObject({
    exitCode: 77,
    machine: {
      status: 'missing',
      fix: [expect.stringMatching(/^gcloud secrets add-iam-policy-binding redshift-password/)],
    },
  })
  stage.google.disable('secretmanager.googleapis.com')
  expect((await examine()).secrets[0]).toMatchObject({
    says: 'secretmanager.googleapis.com is not enabled',
    fix: ['gcloud services enable secretmanager.googleapis.com --project=acme'],
  })
  stage.expectNothingLeft()
})
