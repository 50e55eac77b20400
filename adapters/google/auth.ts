import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { CloudError } from '../../core/errors.ts'
import { readMetadataToken } from './metadata-token.ts'
import { shareTokens, type Token, type Tokens } from './tokens.ts'

type Env = (name: string) => string | undefined

/**
 * Application Default Credentials (https://cloud.google.com/docs/authentication/application-default-credentials): the
 * file that GOOGLE_APPLICATION_CREDENTIALS names, else the one that gcloud wrote, else the machine's service account. One
 * token serves all calls; nothing is read or asked before the first.
 */
export function openTokens(env: Env, userAgent: string): Tokens {
  return shareTokens(async () => {
    const file = await findCredentials(env)
    return file ? mintFromFile(file, userAgent) : mintFromMachine(env, userAgent)
  })
}

/** The credentials file, if there is one. */
export async function findCredentials(env: Env): Promise<string | undefined> {
  return env('GOOGLE_APPLICATION_CREDENTIALS') || (await findGcloudFile(env))
}

/** The host of the metadata server. */
export function findMetadataHost(env: Env): string {
  return env('GCE_METADATA_HOST') || 'metadata.google.internal'
}

async function mintFromFile(file: string, userAgent: string): Promise<Token> {
  try {
    // A library of 300 kB, which a machine with a service account of its own never loads.
    const { readFileToken } = await import('./file-token.ts')
    return await readFileToken(file, userAgent)
  } catch (error) {
    const message = `the credentials in ${file} gave no token: ${(error as Error).message}`
    throw new CloudError('permission', 'auth', message, { cause: error })
  }
}

async function mintFromMachine(env: Env, userAgent: string): Promise<Token> {
  const host = findMetadataHost(env)
  try {
    return await readMetadataToken(host, userAgent)
  } catch (error) {
    const message = [
      'no Google credentials were found: GOOGLE_APPLICATION_CREDENTIALS is not set, gcloud has written none, and no',
      `metadata server answered at ${host} (${(error as Error).message}). Sign in with`,
      '"gcloud auth application-default login", use the action google-github-actions/auth before this one, or set',
      'GOOGLE_APPLICATION_CREDENTIALS to the path of a credentials file.',
      ...adviseJob(env),
    ].join(' ')
    throw new CloudError('permission', 'auth', message, { cause: error })
  }
}

/** GitHub tells a job where to get its identity only when the job may have one. */
function adviseJob(env: Env): readonly string[] {
  if (env('GITHUB_ACTIONS') !== 'true' || env('ACTIONS_ID_TOKEN_REQUEST_URL')) return []
  return ['That action needs "id-token: write" under "permissions" of this job, which it does not have now.']
}

/** Where `gcloud auth application-default login` writes. */
async function findGcloudFile(env: Env): Promise<string | undefined> {
  const folder = env('CLOUDSDK_CONFIG') || join(env('HOME') ?? '/root', '.config/gcloud')
  const file = join(folder, 'application_default_credentials.json')
  return access(file).then(
    () => file,
    () => undefined,
  )
}
