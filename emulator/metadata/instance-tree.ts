import { numberProject } from '../compute/ids.ts'
import { type Instance, makeMac, type NetworkInterface, type ServiceAccount } from '../compute/instance.ts'
import { nameOf } from '../compute/links.ts'
import { readAttributes } from '../compute/metadata-items.ts'
import { answer, directory, list, type Node, value } from './tree.ts'

/** What the metadata server of an instance knows. https://cloud.google.com/compute/docs/metadata/predefined-metadata-keys */
export function buildTree(instance: Instance): Node {
  const { project } = instance.local
  return directory({
    instance: buildInstance(instance),
    project: directory({
      attributes: directory({}, true),
      'numeric-project-id': value(Number(numberProject(project))),
      'project-id': value(project),
    }),
  })
}

function buildInstance(instance: Instance): Node {
  const { project, zone, image } = instance.local
  const numbered = `projects/${numberProject(project)}`
  const tags = instance.tags.items ?? []
  const accounts = (instance.serviceAccounts ?? []).flatMap((account) => {
    const node = buildServiceAccount(instance, account)
    return [
      ['default', node],
      [account.email, node],
    ]
  })
  return directory({
    attributes: directory(mapValues(readAttributes(instance.metadata)), true),
    'cpu-platform': value(instance.cpuPlatform),
    description: value(instance.description ?? ''),
    disks: list(
      instance.disks.map(({ deviceName, index, mode, type }) =>
        directory({
          'device-name': value(deviceName),
          index: value(index),
          interface: value('SCSI'),
          mode: value(mode),
          type: value(type === 'PERSISTENT' ? 'PERSISTENT-BALANCED' : type),
        }),
      ),
    ),
    'guest-attributes': buildGuestAttributes(instance.local.guestAttributes ?? {}),
    hostname: value(`${instance.name}.${zone}.c.${project}.internal`),
    id: value(Number(instance.id)),
    image: value(image ?? ''),
    'machine-type': value(`${numbered}/machineTypes/${nameOf(instance.machineType)}`),
    'maintenance-event': value('NONE'),
    name: value(instance.name),
    'network-interfaces': list(
      instance.networkInterfaces.map((each) => buildNetworkInterface(numbered, each)),
    ),
    preempted: value(print(instance.local.preempted ?? false)),
    'remaining-cpu-time': value(-1),
    scheduling: directory({
      'automatic-restart': value(print(instance.scheduling.automaticRestart)),
      'on-host-maintenance': value(instance.scheduling.onHostMaintenance),
      preemptible: value(print(instance.scheduling.preemptible)),
    }),
    'service-accounts': directory(Object.fromEntries(accounts), true),
    tags: value(tags, JSON.stringify(tags)),
    zone: value(`${numbered}/zones/${zone}`),
  })
}

// Booleans of the predefined keys are these words in JSON too.
function print(flag: boolean): string {
  return flag ? 'TRUE' : 'FALSE'
}

function mapValues(record: Readonly<Record<string, string>>): Record<string, Node> {
  return Object.fromEntries(Object.entries(record).map(([key, text]) => [key, value(text)]))
}

function buildNetworkInterface(numbered: string, nic: NetworkInterface): Node {
  const accessConfigs = nic.accessConfigs ?? []
  return directory({
    'access-configs': list(
      accessConfigs.map(({ natIP, type }) => directory({ 'external-ip': value(natIP), type: value(type) })),
    ),
    ip: value(nic.networkIP),
    mac: value(makeMac(nic)),
    mtu: value(1460),
    network: value(`${numbered}/networks/${nameOf(nic.network)}`),
  })
}

function buildGuestAttributes(attributes: Readonly<Record<string, string>>): Node {
  const spaces: Record<string, Record<string, Node>> = {}
  for (const [path, text] of Object.entries(attributes)) {
    const [space = '', key = ''] = path.split('/')
    spaces[space] = { ...spaces[space], [key]: value(text) }
  }
  const nodes = Object.entries(spaces).map(([space, entries]) => [space, directory(entries, true)])
  return directory(Object.fromEntries(nodes), true)
}

function buildServiceAccount(instance: Instance, { email, scopes }: ServiceAccount): Node {
  return directory({
    aliases: value(['default']),
    email: value(email),
    identity: answer((query) => value(makeIdentity(instance, email, query))),
    scopes: value(scopes),
    token: answer(() => {
      const token = { access_token: `emulator-${instance.id}`, expires_in: 3599, token_type: 'Bearer' }
      return value(token, JSON.stringify(token))
    }),
  })
}

/** An identity token that nobody signed: its three parts are there, for clients that read it. */
function makeIdentity({ id, name, local }: Instance, email: string, query: URLSearchParams): string {
  const now = Math.floor(Date.now() / 1000)
  const computeEngine = {
    instance_id: id,
    instance_name: name,
    project_id: local.project,
    project_number: Number(numberProject(local.project)),
    zone: local.zone,
  }
  const claims = {
    aud: query.get('audience') ?? '',
    azp: id,
    email,
    email_verified: true,
    exp: now + 3600,
    ...(query.get('format') === 'full' && { google: { compute_engine: computeEngine } }),
    iat: now,
    iss: 'https://accounts.google.com',
    sub: id,
  }
  const parts = [JSON.stringify({ alg: 'RS256', typ: 'JWT' }), JSON.stringify(claims), 'unsigned']
  return parts.map((part) => Buffer.from(part).toString('base64url')).join('.')
}
