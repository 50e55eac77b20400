import { readFile } from 'node:fs/promises'

/** What is read here of a credentials file; the rest is for Google's library. */
export interface CredentialsFile {
  readonly type: string
  readonly audience?: string
  readonly token_url?: string
  readonly service_account_impersonation_url?: string
  readonly credential_source?: { readonly url?: string }
  readonly client_email?: string
}

/** What the library misses without saying so. */
const parts: Readonly<Record<string, readonly string[]>> = {
  service_account: ['client_email', 'private_key'],
  external_account: ['audience', 'subject_token_type', 'token_url', 'credential_source'],
  authorized_user: ['client_id', 'client_secret', 'refresh_token'],
}

const expected =
  'expected the JSON of a service account key or of a workload identity federation configuration'

/** Reads a credentials file. Of one that is none, no word is told: it may be a secret all the same. */
export async function readCredentialsFile(file: string): Promise<CredentialsFile> {
  const text = await readFile(file, 'utf8')
  const document = parse(text)
  if (document === undefined) {
    const got = text.trim() === '' ? 'an empty file' : 'text that is not JSON'
    throw new Error(
      `${expected}, got ${got}. Write the file as Google gave it, whole and without encoding it.`,
    )
  }
  const { type } = Object(document) as CredentialsFile
  if (typeof type !== 'string') throw new Error(`${expected}, got JSON without a "type".`)
  const missing = parts[type]?.filter((part) => !Object.hasOwn(Object(document), part)) ?? []
  if (missing.length > 0) throw new Error(`${expected}, got ${type} without ${missing.join(', ')}.`)
  return document as CredentialsFile
}

/** Of a service account's key, or of a service account that the file's owner acts as. */
export function findEmail({ client_email, service_account_impersonation_url: url }: CredentialsFile) {
  return client_email ?? readImpersonated(url)
}

/** The service account in the address of an impersonation. */
export function readImpersonated(url = ''): string | undefined {
  return /\/serviceAccounts\/([^/:]+):/.exec(url)?.[1]
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
