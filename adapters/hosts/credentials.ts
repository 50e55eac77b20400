import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Problem } from '../../core/errors.ts'
import { text } from '../../core/fields.ts'

/** The setting of every plugin by which a pipeline signs in. Other doors have no such input: there, a file does it. */
export const credentialsField = text({
  description:
    'A service account key, or a workload identity federation configuration, as JSON out of a secret. Without it, the file that `GOOGLE_APPLICATION_CREDENTIALS` of the environment names, else the service account of the runner.',
  secret: true,
})

/** What Google's libraries read (https://cloud.google.com/docs/authentication/application-default-credentials). */
const types = ['service_account', 'external_account', 'impersonated_service_account', 'authorized_user']

/** Parts that give access by themselves, and may stand in a log without the rest. */
const secretParts = ['private_key', 'client_secret', 'refresh_token']

export interface Credentials {
  readonly secrets: readonly string[]
  readonly problem?: Problem
  /** Writes them where Google's libraries and Packer look for them. */
  keep(env: NodeJS.ProcessEnv, onExit: (listener: () => void) => void): void
}

/** Reads the setting `credentials`. What is wrong with it is told without a word of it. */
export function readCredentials(setting: string): Credentials {
  const document = parse(setting)
  const problem = document === undefined ? describeText(setting) : describeType(document.type)
  const parts = secretParts.map((name) => document?.[name]).filter((part) => typeof part === 'string')
  return {
    secrets: [setting, ...parts],
    ...(problem !== undefined && { problem: { where: 'credentials', message: problem } }),
    keep(env, onExit) {
      const folder = mkdtempSync(join(tmpdir(), 'mayfly-credentials-'))
      onExit(() => rmSync(folder, { recursive: true, force: true }))
      const file = join(folder, 'credentials.json')
      writeFileSync(file, setting, { mode: 0o600 })
      env.GOOGLE_APPLICATION_CREDENTIALS = file
      // Programs that this one starts need it once, not twice.
      delete env.PLUGIN_CREDENTIALS
    },
  }
}

function parse(setting: string): Record<string, unknown> | undefined {
  try {
    const document: unknown = JSON.parse(setting)
    return typeof document === 'object' && document !== null ? { ...document } : undefined
  } catch {
    return undefined
  }
}

function describeText(setting: string): string {
  const expected =
    'expected the JSON of a service account key or of a workload identity federation configuration'
  return `${expected}, got ${guessKind(setting.trim())}`
}

function guessKind(value: string): string {
  if (value.startsWith('{')) return 'JSON that is cut off or damaged: store the whole file as the secret.'
  if (/^[\w./~-]{1,255}\.json$/.test(value))
    return 'the name of a file: set GOOGLE_APPLICATION_CREDENTIALS in "environment" to it instead.'
  if (/^[A-Za-z0-9+/=\s]{64,}$/.test(value))
    return 'what looks like base64: store the file as the secret as it is, without encoding it.'
  return 'something else: store the whole file as a secret and give it by "from_secret".'
}

function describeType(type: unknown): string | undefined {
  if (types.includes(type as string)) return undefined
  return `expected JSON with a "type" of ${types.slice(0, -1).join(', ')} or ${types.at(-1)}, got ${type === undefined ? 'none' : 'another one'}.`
}
