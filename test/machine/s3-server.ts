import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openCredentials } from '../../adapters/aws/credentials.ts'
import { openS3Bucket, type S3Bucket } from '../../adapters/aws/s3.ts'
import { noTokens } from '../../adapters/google/tokens.ts'
import { openTransport } from '../../adapters/google/transport.ts'

/** The keys that the server knows. */
export const keys = { AWS_ACCESS_KEY_ID: 'S3RVER', AWS_SECRET_ACCESS_KEY: 'S3RVER' } as const

/** A server that speaks S3 and that nobody of this house wrote, as a process of its own. */
export interface S3Server extends AsyncDisposable {
  readonly url: string
  readonly folder: string
  /** A new bucket. */
  make(name: string): Promise<S3Bucket>
  open(bucket: string): S3Bucket
}

export async function startS3Server(): Promise<S3Server> {
  const folder = await mkdtemp(join(tmpdir(), 'mayfly-s3-'))
  const fixture = join(import.meta.dirname, 'fixtures/s3-server.ts')
  // Its tokens for the next page are made by a cipher that OpenSSL has put aside.
  const child = spawn(process.execPath, ['--openssl-legacy-provider', fixture, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const port = await readLine(child)
  const url = `http://127.0.0.1:${port}`
  const open = (bucket: string, variables: Readonly<Record<string, string>> = keys) =>
    openBucketAt(url, bucket, variables)
  return {
    url,
    folder,
    open,
    async make(name) {
      const response = await fetch(`${url}/${name}`, { method: 'PUT' })
      if (!response.ok) throw new Error(await response.text())
      return open(name)
    },
    async [Symbol.asyncDispose]() {
      const ended = once(child, 'exit')
      child.kill()
      await ended
      await rm(folder, { recursive: true })
    },
  }
}

/** A bucket as the agent opens it, without patience. */
export function openBucketAt(
  endpoint: string,
  bucket: string,
  variables: Readonly<Record<string, string>> = keys,
): S3Bucket {
  const retry = { baseMs: 1, capMs: 10, budgetMs: 3000 }
  const transport = openTransport({ tokens: noTokens, userAgent: 'test', retry })
  const region = 'us-east-1'
  const credentials = openCredentials({
    variable: (name) => variables[name],
    region,
    identity: async () => '',
    session: 'test',
    transport,
  })
  return openS3Bucket({ bucket, region, endpoint, credentials, transport, patiently: (act) => act() })
}

async function readLine(child: ChildProcess): Promise<string> {
  let said = ''
  for await (const text of child.stdout ?? []) {
    said += text
    if (said.includes('\n')) return said.trim()
  }
  throw new Error(`${child.spawnargs.join(' ')} ended early`)
}
