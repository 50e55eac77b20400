import { SecretManagerServiceClient } from '@google-cloud/secret-manager'
import { GoogleAuth, OAuth2Client } from 'google-auth-library'
import { expect, test } from 'vitest'
import { type Emulator, startEmulator } from '../../emulator/index.ts'

/** Google's own client, over REST. */
function openClient(emulator: Emulator): SecretManagerServiceClient {
  const authClient = new OAuth2Client()
  authClient.setCredentials({ access_token: 'any' })
  return new SecretManagerServiceClient({
    apiEndpoint: '127.0.0.1',
    port: emulator.port,
    protocol: 'http',
    fallback: true,
    auth: new GoogleAuth({ authClient }),
  } as ConstructorParameters<typeof SecretManagerServiceClient>[0])
}

const parent = 'projects/acme'
const secret = `${parent}/secrets/redshift`

async function makeSecret(client: SecretManagerServiceClient, ...values: readonly string[]) {
  await client.createSecret({
    parent,
    secretId: 'redshift',
    secret: { labels: { team: 'ml' }, replication: { automatic: {} } },
  })
  for (const value of values)
    await client.addSecretVersion({ parent: secret, payload: { data: Buffer.from(value) } })
}

test("Google's own client makes a secret, adds versions and reads them", async () => {
  await using emulator = await startEmulator()
  const client = openClient(emulator)
  await makeSecret(client, 'first', 'zweites\nüber zwei Zeilen')

  const [latest] = await client.accessSecretVersion({ name: `${secret}/versions/latest` })
  expect(latest.name).toMatch(/^projects\/\d+\/secrets\/redshift\/versions\/2$/)
  expect(String(latest.payload?.data)).toBe('zweites\nüber zwei Zeilen')
  const [first] = await client.accessSecretVersion({ name: `${secret}/versions/1` })
  expect(String(first.payload?.data)).toBe('first')
  expect(Number(first.payload?.dataCrc32c)).toBeGreaterThan(0)
  // By the number that it answered with, too.
  const [again] = await client.accessSecretVersion({ name: first.name ?? '' })
  expect(again).toEqual(first)

  const [found] = await client.getSecret({ name: secret })
  expect(found).toMatchObject({ labels: { team: 'ml' }, replication: { automatic: {} } })
  const [all] = await client.listSecrets({ parent })
  expect(all.map(({ name }) => name)).toEqual([found.name])
  const names: string[] = []
  for await (const version of client.listSecretVersionsAsync({ parent: secret, pageSize: 1 }))
    names.push(version.name?.split('/').at(-1) ?? '')
  expect(names).toEqual(['2', '1'])

  await client.deleteSecret({ name: secret })
  await expect(client.getSecret({ name: secret })).rejects.toThrow('not found or has no versions')
  expect(emulator.unknown()).toEqual([])
})

test('a version is disabled, enabled and destroyed', async () => {
  await using emulator = await startEmulator()
  const client = openClient(emulator)
  await makeSecret(client, 'first', 'second')
  const name = `${secret}/versions/2`
  const access = () => client.accessSecretVersion({ name: `${secret}/versions/latest` })

  expect((await client.disableSecretVersion({ name }))[0].state).toBe('DISABLED')
  // The newest one is the latest, whatever its state (github.com/google-github-actions/get-secretmanager-secrets/issues/268).
  await expect(access()).rejects.toThrow(
    /Secret Version \[projects\/\d+\/secrets\/redshift\/versions\/2\] is in DISABLED state\./,
  )
  await client.enableSecretVersion({ name })
  await access()
  const [destroyed] = await client.destroySecretVersion({ name })
  expect(destroyed).toMatchObject({ state: 'DESTROYED', destroyTime: expect.anything() })
  await expect(access()).rejects.toThrow('is in DESTROYED state.')
  await expect(client.enableSecretVersion({ name })).rejects.toThrow('is in DESTROYED state.')
})

test('a right that is missing, an API that is off, a secret twice, a damaged payload', async () => {
  await using emulator = await startEmulator()
  const client = openClient(emulator)
  await makeSecret(client, 'first')
  await expect(makeSecret(client)).rejects.toThrow(
    /Secret \[projects\/\d+\/secrets\/redshift\] already exists\./,
  )
  await expect(
    client.addSecretVersion({ parent: secret, payload: { data: Buffer.from('x'), dataCrc32c: 1 } }),
  ).rejects.toThrow('The checksum does not match the data.')
  await expect(
    client.addSecretVersion({ parent: secret, payload: { data: Buffer.alloc(65_537) } }),
  ).rejects.toThrow('exceeds the limit of 65536 bytes')

  emulator.compute.deny('secretmanager.versions.access')
  await expect(client.accessSecretVersion({ name: `${secret}/versions/1` })).rejects.toThrow(
    "Permission 'secretmanager.versions.access' denied for resource 'projects/acme/secrets/redshift/versions/1' (or it may not exist).",
  )
  const permissions = ['secretmanager.versions.access', 'secretmanager.versions.add']
  const [held] = await client.testIamPermissions({ resource: secret, permissions })
  expect(held.permissions).toEqual(['secretmanager.versions.add'])
  emulator.disable('secretmanager.googleapis.com')
  await expect(client.getSecret({ name: secret })).rejects.toThrow('or it is disabled')
  expect(emulator.unknown()).toEqual([])
})

test('secrets outlive the process that keeps them', async () => {
  await using first = await startEmulator()
  await makeSecret(openClient(first), 'kept')
  await using second = await startEmulator({ stateDir: first.stateDir })
  const [version] = await openClient(second).accessSecretVersion({ name: `${secret}/versions/latest` })
  expect(String(version.payload?.data)).toBe('kept')
})
