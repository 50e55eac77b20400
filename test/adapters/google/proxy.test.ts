import { execFile } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

/** Asks for an address in a process of its own, since a proxy is for a whole process; returns what the proxy was asked. */
async function askThrough(env: (proxy: string) => Record<string, string>, address: string) {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    response.end()
  })
  server.on('connect', (request, socket) => {
    asked.push(`CONNECT ${request.url}`)
    socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    const proxy = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const program = join(import.meta.dirname, 'fixtures/proxied.ts')
    await promisify(execFile)(process.execPath, [program, address], { env: env(proxy) })
    return asked
  } finally {
    server.close()
  }
}

test.each(['HTTPS_PROXY', 'https_proxy'])('%s is used', async (name) => {
  const asked = await askThrough((proxy) => ({ [name]: proxy }), 'https://storage.googleapis.com/x')

  expect(asked).toEqual(['CONNECT storage.googleapis.com:443'])
})

test('NO_PROXY is heeded', async () => {
  const env = (proxy: string) => ({ HTTPS_PROXY: proxy, NO_PROXY: '127.0.0.1' })

  expect(await askThrough(env, 'https://127.0.0.1:9/x')).toEqual([])
})

test('the metadata server is never asked through a proxy', async () => {
  const env = (proxy: string) => ({ HTTPS_PROXY: proxy, HTTP_PROXY: proxy })

  expect(await askThrough(env, 'http://metadata.google.internal/x')).toEqual([])
})
