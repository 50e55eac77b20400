import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { type AddressInfo, connect, type Server } from 'node:net'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { startEmulator } from '../../emulator/index.ts'
import { makeCertificates } from '../../emulator/proxy/certificates.ts'
import { findTool, testWith } from '../tools.ts'

const execute = promisify(execFile)
const curl = findTool('curl', ['curl', '--version'], true)

interface Proxied {
  readonly url: string
  readonly caFile: string
}

/** Runs curl through a proxy, and trusts what the proxy's file says. */
async function fetchWithCurl({ url, caFile }: Proxied, ...args: readonly string[]) {
  // The test's own machine may be behind a proxy, which is none of this.
  const env = { PATH: process.env.PATH, http_proxy: url, https_proxy: url, CURL_CA_BUNDLE: caFile }
  const { stdout } = await execute('curl', ['-sS', '--noproxy', '', ...args], { env })
  return stdout
}

/** Listens on a free port of 127.0.0.1. */
async function listen<S extends Server>(server: S) {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { port, server, [Symbol.asyncDispose]: async () => void server.close() }
}

testWith(curl, "behind the proxy, Google's hosts are the local cloud", async () => {
  await using emulator = await startEmulator()
  const proxy = await emulator.openProxy()
  const family = '/compute/v1/projects/debian-cloud/global/images/family/debian-12'

  const image = JSON.parse(await fetchWithCurl(proxy, `https://compute.googleapis.com${family}`))
  // As on Google's own: a client follows links, through the proxy again.
  expect(image.selfLink).toMatch(/^https:\/\/compute\.googleapis\.com\/compute\/v1\/projects\/debian-cloud\//)
  expect(JSON.parse(await fetchWithCurl(proxy, image.selfLink))).toEqual(image)

  expect(JSON.parse(await fetchWithCurl(proxy, `http://compute.googleapis.com${family}`))).toMatchObject({
    id: image.id,
  })
  const body = JSON.stringify({ name: 'lake' })
  await fetchWithCurl(proxy, '-d', body, 'https://storage.googleapis.com/storage/v1/b?project=acme')
  expect((await fetch(`${emulator.url}/storage/v1/b/lake`)).status).toBe(200)
  expect(emulator.unknown()).toEqual([])
})

testWith(curl, 'any other host is itself, and shows its own certificate', async () => {
  await using emulator = await startEmulator()
  const proxy = await emulator.openProxy()
  const { key, certificate } = await makeCertificates()
  await using secure = await listen(
    createTlsServer({ key, cert: certificate }, (request, response) => request.pipe(response)),
  )
  const url = `https://127.0.0.1:${secure.port}/`
  const bytes = 'x'.repeat(100_000)

  expect(await fetchWithCurl(proxy, '--insecure', '-d', bytes, url)).toBe(bytes)
  await expect(fetchWithCurl(proxy, '-d', bytes, url)).rejects.toThrow(/certificate/)
})

testWith(curl, 'a plain request is done for the client, and the reply comes as it is', async () => {
  await using emulator = await startEmulator()
  const proxy = await emulator.openProxy()
  await using plain = await listen(
    createServer((request, response) => {
      response.setHeader(
        'x-seen',
        JSON.stringify([request.headers.host, request.headers['proxy-connection']]),
      )
      response.setHeader('set-cookie', ['a=1', 'b=2'])
      response.statusCode = 418
      request.pipe(response)
    }),
  )
  const host = `127.0.0.1:${plain.port}`

  const reply = await fetchWithCurl(proxy, '-i', '-X', 'PUT', '-d', 'tea', `http://${host}/pot?a=b`)
  expect(reply).toMatch(/^HTTP\/1\.1 418 /)
  expect(reply).toContain(`x-seen: ["${host}",null]\r\nset-cookie: a=1\r\nset-cookie: b=2`)
  expect(reply).toMatch(/\r\n\r\ntea$/)

  const tunnelled = await fetchWithCurl(proxy, '--proxytunnel', '-d', 'tea', `http://${host}/pot`)
  expect(tunnelled).toBe('tea')
})

testWith(curl, 'a host that refuses is a 502 that says why', async () => {
  await using emulator = await startEmulator()
  const proxy = await emulator.openProxy()
  const free = await listen(createServer())
  await free[Symbol.asyncDispose]()
  const host = `127.0.0.1:${free.port}`
  const reason = `The local cloud's proxy cannot reach ${host}: connect ECONNREFUSED ${host}.\n`

  expect(await fetchWithCurl(proxy, '-w', '%{http_code}', `http://${host}/`)).toBe(`${reason}502`)
  const connection = connect(Number(new URL(proxy.url).port), '127.0.0.1')
  connection.write(`CONNECT ${host} HTTP/1.1\r\nhost: ${host}\r\n\r\n`)
  expect(await readAll(connection)).toMatch(/^HTTP\/1\.1 502 Bad Gateway\r\n/)
  const nonsense = await fetchWithCurl({ ...proxy, url: '' }, '-w', '%{http_code}', `${proxy.url}/path`)
  expect(nonsense).toMatch(/CONNECT host:port.*\n400$/)
})

async function readAll(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

test('it is made when somebody asks, once, and is kept', async () => {
  const stateDir = await mkdtemp(join(tmpdir(), 'mayfly-proxy-'))
  const directory = join(stateDir, 'proxy')
  const readKept = () =>
    ['certificates.json', 'service-account-key.json'].map((name) =>
      readFileSync(join(directory, name), 'utf8'),
    )
  {
    await using emulator = await startEmulator({ stateDir })
    expect(existsSync(directory)).toBe(false)
    const proxies = await Promise.all([emulator.openProxy(), emulator.openProxy()])
    expect(proxies[0]).toBe(proxies[1])
    const answer = await fetch(`${emulator.url}/_mayfly/proxy`, { method: 'POST' })
    const { url, caFile, credentialsFile } = proxies[0]
    expect(await answer.json()).toEqual({ url, caFile, credentialsFile })
  }
  const kept = readKept()
  expect(statSync(join(directory, 'certificates.json')).mode & 0o777).toBe(0o600)

  await using emulator = await startEmulator({ stateDir })
  const { caFile } = await emulator.openProxy()
  expect(readKept()).toEqual(kept)
  // What the computer trusts is still trusted.
  expect(readFileSync(caFile, 'utf8').match(/BEGIN CERTIFICATE/g)?.length).toBeGreaterThan(20)
  await rm(stateDir, { recursive: true })
})

test("Google's own library gets a token with the credentials", async () => {
  await using emulator = await startEmulator()
  const { url, caFile, credentialsFile } = await emulator.openProxy()
  // It asks Google for it, whatever address the credentials name.
  const program = `import { GoogleAuth } from 'google-auth-library'
    const scopes = 'https://www.googleapis.com/auth/cloud-platform'
    console.log(await new GoogleAuth({ scopes }).getAccessToken())`
  const { stdout } = await execute(process.execPath, ['--input-type=module', '--eval', program], {
    env: { HTTPS_PROXY: url, NODE_EXTRA_CA_CERTS: caFile, GOOGLE_APPLICATION_CREDENTIALS: credentialsFile },
  })
  expect(stdout).toBe('emulator\n')
  expect(emulator.requests().map(({ name }) => name)).toEqual(['oauth2.token'])
})

test('nobody reaches it but this computer', async () => {
  await using emulator = await startEmulator()
  const { url } = await emulator.openProxy()
  const { port } = new URL(url)
  const others = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal, family }) => !internal && family === 'IPv4')
  for (const { address } of others) {
    const connection = connect(Number(port), address)
    await expect(once(connection, 'connect')).rejects.toThrow('ECONNREFUSED')
  }
})
