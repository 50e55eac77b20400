import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, vi } from 'vitest'
import { openTokens } from '../../../adapters/google/auth.ts'
import type { Tokens } from '../../../adapters/google/tokens.ts'
import { describeIdentity, type Identity } from './identity.ts'

const folders: string[] = []
afterEach(async () => {
  vi.unstubAllEnvs()
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true })
})

/** Signs in by a file as google-github-actions/auth leaves it in the workspace, until the end of the test. */
export async function signIn(content: string): Promise<Tokens> {
  const folder = await mkdtemp(join(tmpdir(), 'mayfly-identity-'))
  folders.push(folder)
  const file = join(folder, 'gha-creds-0123456789abcdef.json')
  await writeFile(file, content)
  vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', file)
  return openTokens((name) => process.env[name], 'mayfly/0.0.0')
}

/** Signs in by a federated identity. */
export function signInTo({ url }: Identity): Promise<Tokens> {
  return signIn(JSON.stringify(describeIdentity(url)))
}
