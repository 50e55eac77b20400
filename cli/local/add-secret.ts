import { readFile } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import { InputError } from '../../core/errors.ts'
import { text } from '../../core/fields.ts'
import { type Command, defineCommand, tell } from '../command.ts'
import type { Site } from '../site.ts'
import { localProject } from './environment.ts'
import { readRefusal } from './image-copy.ts'
import { reachCloud } from './process.ts'
import { findStateDir, stateField } from './state.ts'

/** `mayfly local add-secret` */
export function openAddSecret(site: Site): Command {
  return defineCommand({
    summary: 'Give the local cloud a secret, or a new version of one.',
    fields: {
      secret: text({
        description: 'The name of the secret, as the batch file has it.',
        example: 'redshift-password',
        required: true,
        positional: true,
      }),
      data_file: text({
        description: 'The file that holds its value, all of it; `-` for standard input.',
        example: 'password.txt',
        required: true,
      }),
      ...stateField,
    },
    async run({ secret, dataFile, state }, { spell }) {
      const value = await readValue(dataFile).catch((cause: Error) => {
        throw new InputError([{ where: spell('data_file'), message: cause.message }], { cause })
      })
      const { url } = await reachCloud(site, findStateDir(state))
      const name = await addVersion(url, secret, value).catch((cause: Error) => {
        throw new InputError([{ where: spell('secret'), message: cause.message }], { cause })
      })
      const version = name.split('/').at(-1)
      return tell([`The local cloud has the secret ${secret}, version ${version}.`], { secret, version })
    },
  })
}

function readValue(file: string): Promise<Buffer> {
  return file === '-' ? buffer(process.stdin) : readFile(file)
}

/** Gives the version's name. Throws an Error with the cloud's words when it refuses. */
async function addVersion(url: string, secret: string, value: Buffer): Promise<string> {
  const secrets = `${url}/v1/projects/${localProject}/secrets`
  const made = await post(`${secrets}?secretId=${encodeURIComponent(secret)}`, {
    replication: { automatic: {} },
  })
  if (!made.ok && made.status !== 409) throw new Error(await readRefusal(made))
  const added = await post(`${secrets}/${secret}:addVersion`, { payload: { data: value.toString('base64') } })
  if (!added.ok) throw new Error(await readRefusal(added))
  return ((await added.json()) as { name: string }).name
}

function post(url: string, body: object): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
}
