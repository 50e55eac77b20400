import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { openSecrets } from '../../../adapters/google/secrets.ts'
import { noTokens } from '../../../adapters/google/tokens.ts'
import { openTransport } from '../../../adapters/google/transport.ts'
import { startEmulator } from '../../../emulator/index.ts'
import { disableVersion, makeSecret } from '../../secrets.ts'

function open(endpoint: string) {
  const retry = { baseMs: 1, capMs: 1, budgetMs: 50 }
  return openSecrets({ endpoint, transport: openTransport({ tokens: noTokens, userAgent: 'test', retry }) })
}

const name = 'projects/acme/secrets/redshift/versions/latest'

test('an alias gives the version that it stands for, byte for byte', async () => {
  await using google = await startEmulator()
  const value = Buffer.from([0, 255, 10, 13, 195, 40])
  await makeSecret(google.url, 'redshift', 'old', value)
  const { version, bytes } = await open(google.url).access(name)
  expect(version).toMatch(/^projects\/\d+\/secrets\/redshift\/versions\/2$/)
  expect(Buffer.from(bytes)).toEqual(value)
})

test('a passing failure is passed over; a refusal has its class and names the role', async () => {
  await using google = await startEmulator()
  await makeSecret(google.url, 'redshift', 'value')
  const secrets = open(google.url)
  google.inject({ route: 'secretmanager.versions.access', kind: 'status', status: 503 })
  expect(String(Buffer.from((await secrets.access(name)).bytes))).toBe('value')

  await expect(secrets.access(name.replace('redshift', 'redshft'))).rejects.toMatchObject({
    failure: 'not-found',
    message: expect.stringContaining('not found or has no versions.'),
  })
  await disableVersion(google.url, 'redshift', 1)
  await expect(secrets.access(name)).rejects.toMatchObject({ failure: 'invalid' })
  google.compute.deny('secretmanager.versions.access')
  await expect(secrets.access(name)).rejects.toMatchObject({
    failure: 'permission',
    message: expect.stringMatching(
      /needs secretmanager\.versions\.access on the secret, as in roles\/secretmanager\.secretAccessor\.$/,
    ),
  })
})

test('a payload that does not fit its checksum is never taken', async () => {
  const payload = { data: Buffer.from('damaged').toString('base64'), dataCrc32c: '1' }
  const server = createServer((_, response) =>
    response.end(JSON.stringify({ name: 'projects/1/secrets/redshift/versions/1', payload })),
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await expect(open(`http://127.0.0.1:${port}`).access(name)).rejects.toMatchObject({
    failure: 'unknown',
    message: expect.stringContaining('the payload came damaged'),
  })
  server.close()
})
