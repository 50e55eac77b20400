import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { keepFile, replaceFile } from './kept-file.ts'
import { makeKeyPair } from './key-pair.ts'

/** What is made once; the rest of the file says where this emulator is. */
interface Key {
  readonly private_key_id: string
  readonly private_key: string
}

/**
 * Writes the key file of a service account that exists nowhere: Google's clients sign with it and get their tokens
 * from the local cloud. Gives its path. https://cloud.google.com/iam/docs/keys-create-delete#creating
 */
export async function writeCredentials(directory: string, cloud: string): Promise<string> {
  const key = await keepFile<Key>(join(directory, 'service-account-key.json'), makeKey)
  const account = {
    type: 'service_account',
    project_id: 'local',
    ...key,
    client_email: 'mayfly@local.iam.gserviceaccount.com',
    client_id: '100000000000000000000',
    auth_uri: `${cloud}/auth`,
    token_uri: `${cloud}/token`,
    universe_domain: 'googleapis.com',
  }
  const file = join(directory, 'credentials.json')
  replaceFile(file, `${JSON.stringify(account, undefined, 2)}\n`)
  return file
}

async function makeKey(): Promise<Key> {
  const { privateKey } = await makeKeyPair()
  return { private_key_id: randomBytes(20).toString('hex'), private_key: privateKey }
}
