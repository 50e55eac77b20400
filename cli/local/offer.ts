import { readExitCode } from '../../core/errors.ts'
import { type Field, type Fields, readInputs } from '../../core/fields.ts'
import type { Host } from '../../core/host.ts'
import type { Task } from '../../core/task.ts'
import { type Command, offerTask } from '../command.ts'
import type { Site } from '../site.ts'
import { localBucket, localProject, makeEnvironment } from './environment.ts'
import { reachCloud } from './process.ts'
import { findStateDir, stateField } from './state.ts'

/** A task as a command on the local cloud, which is started when it does not run. */
export function offerLocally(task: Task, site: Site): Command {
  const command = offerTask({ ...task, fields: presetFields(task.fields) }, (world, host) => ({
    ...world,
    builder: async () => (await import('./builder.ts')).openLocalBuilder(readUrl(host), world),
  }))
  return {
    ...command,
    fields: { ...command.fields, ...stateField },
    async start(host) {
      try {
        const { state, ...given } = host.given()
        const named = readInputs(stateField, { ...host, given: state === undefined ? {} : { state } })
        const stateDir = findStateDir(named.state)
        const { url, started } = await reachCloud(site, stateDir)
        if (started) host.log.info(`Started the local cloud at ${url} (state in ${stateDir})`)
        await command.start(pointAt(url, { ...host, given: () => given }))
      } catch (error) {
        host.fail(error, readExitCode(error))
      }
    },
  }
}

/**
 * Project, bucket and zone are the local ones; what the environment says of the real ones is not heard, and people are
 * told of local work only where the caller says so.
 */
function presetFields(fields: Fields): Fields {
  const preset = (name: string, value?: string): Fields => {
    if (!Object.hasOwn(fields, name)) return {}
    const { required: _, env: __, example: ___, ...field } = fields[name] as Field<unknown>
    return { [name]: { ...field, ...(value !== undefined && { default: value }) } }
  }
  return {
    ...fields,
    ...preset('project', localProject),
    ...preset('bucket', localBucket),
    ...preset('zones', 'us-central1-a'),
    ...preset('slack_webhook'),
    ...preset('slack_token'),
    ...preset('github_token'),
  }
}

/** Where `pointAt` has pointed a host at. */
function readUrl(host: Host): string {
  return host.env('STORAGE_EMULATOR_HOST') as string
}

function pointAt(url: string, host: Host): Host {
  const environment = makeEnvironment(url)
  return { ...host, env: (name) => environment[name] ?? host.env(name) }
}
