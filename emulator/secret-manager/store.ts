import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { numberProject } from '../compute/ids.ts'
import { readRecords, writeRecord } from '../storage/disk.ts'
import { alreadyExists, notFound, notReady } from './errors.ts'

/** A version, whose payload goes when it is destroyed. */
export interface Version {
  readonly id: number
  readonly created: string
  /** The caller sent a checksum along. */
  readonly checked: boolean
  state: 'ENABLED' | 'DISABLED' | 'DESTROYED'
  destroyed?: string
  /** base64 */
  data: string
}

export interface Secret {
  /** `projects/NUMBER/secrets/NAME` */
  readonly name: string
  readonly created: string
  readonly labels: Readonly<Record<string, string>>
  readonly replication: object
  readonly versions: Version[]
}

/** All secrets, in the order of their names. */
export interface Store {
  list(project: string): readonly Secret[]
  /** Throws Google's 404. */
  find(project: string, id: string): Secret
  /** `latest` is the newest, whatever its state. Throws Google's 404. */
  findVersion(secret: Secret, id: string): Version
  /** Throws Google's 409 when there is one. */
  create(project: string, id: string, wish: Pick<Secret, 'labels' | 'replication'>): Secret
  add(secret: Secret, data: string, checked: boolean): Version
  /** Throws Google's 400 for one that is destroyed. */
  change(secret: Secret, version: Version, state: Version['state']): Version
  remove(secret: Secret): void
}

/** Opens what is kept in `folder`, a file for each secret, or begins there. `now` gives milliseconds since 1970. */
export function openStore(folder: string, now: () => number): Store {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const secrets = new Map(readRecords<Secret>(folder).map((secret) => [secret.name, secret]))
  const fileOf = ({ name }: Secret) => join(folder, `${name.replaceAll('/', '.')}.json`)
  const keep = (secret: Secret) => {
    writeRecord(fileOf(secret), secret)
    secrets.set(secret.name, secret)
  }
  const time = () => new Date(now()).toISOString()
  return {
    list(project) {
      const prefix = nameSecret(project, '')
      const found = [...secrets.values()].filter(({ name }) => name.startsWith(prefix))
      return found.sort((a, b) => (a.name < b.name ? -1 : 1))
    },
    find(project, id) {
      const name = nameSecret(project, id)
      const secret = secrets.get(name)
      if (secret === undefined) throw notFound(`Secret [${name}] not found or has no versions`)
      return secret
    },
    findVersion({ name, versions }, id) {
      const version = id === 'latest' ? versions.at(-1) : versions.find((each) => String(each.id) === id)
      if (version !== undefined) return version
      throw notFound(
        versions.length === 0
          ? `Secret [${name}] not found or has no versions`
          : `Secret Version [${name}/versions/${id}] not found`,
      )
    },
    create(project, id, wish) {
      const name = nameSecret(project, id)
      if (secrets.has(name)) throw alreadyExists(name)
      const secret: Secret = { name, created: time(), ...wish, versions: [] }
      keep(secret)
      return secret
    },
    add(secret, data, checked) {
      const version: Version = {
        id: (secret.versions.at(-1)?.id ?? 0) + 1,
        created: time(),
        checked,
        state: 'ENABLED',
        data,
      }
      secret.versions.push(version)
      keep(secret)
      return version
    },
    change(secret, version, state) {
      if (version.state === 'DESTROYED' && state !== 'DESTROYED')
        throw notReady(`Secret Version [${secret.name}/versions/${version.id}] is in DESTROYED state.`)
      if (state === 'DESTROYED') {
        version.destroyed ??= time()
        version.data = ''
      }
      version.state = state
      keep(secret)
      return version
    },
    remove(secret) {
      secrets.delete(secret.name)
      rmSync(fileOf(secret))
    },
  }
}

/** Google answers with the project's number, whichever way it was asked. */
function nameSecret(project: string, id: string): string {
  return `projects/${/^\d+$/.test(project) ? project : numberProject(project)}/secrets/${id}`
}
