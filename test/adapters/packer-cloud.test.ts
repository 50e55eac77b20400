import { createHash } from 'node:crypto'
import { basename, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { execa } from 'execa'
import { expect } from 'vitest'
import { openBuilder } from '../../adapters/packer/builder.ts'
import { CancelledError } from '../../core/errors.ts'
import type { AgentBundle, Builder } from '../../core/world.ts'
import { openNamespaceDriver } from '../../emulator/drivers/namespace.ts'
import { type Emulator, startEmulator } from '../../emulator/index.ts'
import bootstrap from '../../machine/bootstrap.sh' with { type: 'text' }
import { makeBaseImage, namespaces } from '../emulator/base-image.ts'
import { type Calls, machine, openCalls, zone } from '../emulator/compute-calls.ts'
import { testWith } from '../tools.ts'
import { ansible, openLog, openWorkshop, packer, planBuild, type Workshop } from './packer-workshop.ts'

const never = () => new AbortController().signal
const root = join(import.meta.dirname, '../..')

// Everything at once: machines that boot, Packer, Ansible and SSH.
const tools = [namespaces, packer].find(({ found }) => !found) ?? ansible

// Whoever writes the playbook can take Packer's key, so in the image it must be worth nothing.
const playbook = (folder: string) => `
- import_playbook: ${root}/ansible/machine.yml
- import_playbook: ${root}/examples/image/playbook.yml
- name: Take the key
  hosts: all
  gather_facts: false
  tasks:
    - name: Take the key
      ansible.builtin.copy:
        src: "{{ ansible_ssh_private_key_file }}"
        dest: ${folder}/stolen
        mode: "0600"
      delegate_to: localhost
      vars:
        ansible_connection: local
`

// Stands for Mayfly's own agent: runs on the Node of the image, and says what is there.
const agentText = `
import { execSync } from 'node:child_process'
const run = (command) => execSync(command + ' 2>&1 || true', { encoding: 'utf8' }).trim()
console.log('found ' + JSON.stringify({
  node: process.execPath,
  engine: run('docker --version').split(' ').slice(0, 2).join(' '),
  jq: run('jq -n 1+1'),
  packer: run('id -nG packer'),
  keys: run('find / -xdev -name authorized_keys'),
  users: run('cat /var/lib/google/google_users'),
}))
`

testWith(
  tools,
  'an image boots machines for batches, and lets its builder in no more',
  async () => {
    const baseImage = await makeBaseImage()
    await using workshop = await openWorkshop()
    await using google = await startEmulator({
      compute: { driver: openNamespaceDriver(), baseImage, acceptMalformedSourceDisk: true },
    })
    await workshop.write({ 'playbook.yml': playbook(workshop.path), 'agent.js': agentText })
    const agent = join(workshop.path, 'agent.js')
    const digest = createHash('sha256').update(agentText).digest('hex')
    const builder = await openCloudBuilder(workshop, google, { digest, file: agent, bootstrap })
    const log = openLog()
    const build = planBuild({
      playbook: 'playbook.yml',
      variables: {
        batch_machine_node_archive: await packNode(workshop),
        batch_machine_node_version: process.versions.node,
      },
    })

    expect(await builder.build(build, { log, signal: never(), hopeless: never() })).toBe('batch-v1')
    expect(log.groups).toEqual(
      expect.arrayContaining(['Creating instance', 'Ansible: What a batch needs', 'Creating image']),
    )
    // Mayfly's own playbook, which the team's one plays again, finds nothing more to do.
    const plays = log.text().split(/^(?=PLAY )/m)
    const [, again] = plays.filter((play) => play.startsWith('PLAY [What a batch needs]'))
    expect(again).toContain('ok: [default]')
    expect(again).not.toContain('changed: [default]')
    expect(await workshop.leftovers()).toEqual([])
    expect(google.compute.instances()).toEqual([])
    expect(google.compute.disks()).toEqual([])

    const calls = openCalls(google.url, 'team')
    const body = {
      ...machine('batch'),
      disks: [{ boot: true, autoDelete: true, initializeParams: { sourceImage: 'global/images/batch-v1' } }],
      networkInterfaces: [{ accessConfigs: [{ type: 'ONE_TO_ONE_NAT' }] }],
      metadata: {
        items: [
          { key: 'startup-script', value: bootstrap },
          { key: 'mayfly-agent', value: digest },
        ],
      },
    }
    await calls.done(await calls.post(`/${zone}/instances`, body))
    const found = await waitFor(calls, /found (\{.*\})/)
    const { json } = await calls.get(`/${zone}/instances/batch`)
    const [
      {
        accessConfigs: [{ natIP: address }],
      },
    ] = json.networkInterfaces as [Interface]
    expect(JSON.parse(found)).toEqual({
      node: '/opt/mayfly/node/bin/node',
      engine: 'Docker version',
      jq: '2',
      packer: expect.not.stringContaining('google-sudoers'),
      keys: '',
      users: expect.any(String),
    })
    const options = [
      'StrictHostKeyChecking=no',
      'UserKnownHostsFile=/dev/null',
      'BatchMode=yes',
      'IdentitiesOnly=yes',
    ]
    const ssh = await execa(
      'ssh',
      [
        '-i',
        join(workshop.path, 'stolen'),
        ...options.flatMap((one) => ['-o', one]),
        `packer@${address}`,
        'id',
      ],
      { reject: false },
    )
    expect(ssh.stderr).toContain('Permission denied (publickey')
    expect(ssh.exitCode).toBe(255)
    expect(google.unknown()).toEqual([])
  },
  300,
)

testWith(
  tools,
  'a build that is cancelled while Ansible works leaves nothing in the cloud',
  async () => {
    const baseImage = await makeBaseImage()
    await using workshop = await openWorkshop()
    await using google = await startEmulator({ compute: { driver: openNamespaceDriver(), baseImage } })
    const agent = { digest: 'd'.repeat(64), file: '/nowhere/agent.js', bootstrap }
    const builder = await openCloudBuilder(workshop, google, agent)
    const log = openLog()
    const controller = new AbortController()
    const reason = new CancelledError('SIGTERM')
    const building = builder
      .build(planBuild(), { log, signal: controller.signal, hopeless: never() })
      .catch((error) => error)
    await Promise.race([log.hear('TASK [batch_machine'), building])
    expect(google.compute.instances()).toHaveLength(1)
    controller.abort(reason)
    expect(await building).toBe(reason)
    expect(google.compute.instances()).toEqual([])
    expect(google.compute.disks()).toEqual([])
    expect(await workshop.leftovers()).toEqual([])
    const { stdout } = await execa('ps', ['-eo', 'args'])
    expect(stdout).not.toContain(`${workshop.path}/temporary`)
  },
  300,
)

interface Interface {
  readonly accessConfigs: readonly [{ readonly natIP: string }]
}

/** What the machine's console says at last. */
async function waitFor({ get }: Calls, pattern: RegExp): Promise<string> {
  for (;;) {
    const { json } = await get(`/${zone}/instances/batch/serialPort`)
    const [, found] = pattern.exec(json.contents) ?? []
    if (found !== undefined) return found
    await sleep(100)
  }
}

/** The builder, for whom Google is the local cloud. */
async function openCloudBuilder(workshop: Workshop, google: Emulator, agent: AgentBundle): Promise<Builder> {
  const proxy = await google.openProxy()
  return openBuilder({
    directory: workshop.path,
    env: {
      PATH: process.env.PATH,
      HOME: workshop.path,
      TMPDIR: join(workshop.path, 'temporary'),
      HTTPS_PROXY: proxy.url,
      SSL_CERT_FILE: proxy.caFile,
      GOOGLE_APPLICATION_CREDENTIALS: proxy.credentialsFile,
    },
    agent: async () => agent,
  })
}

/** An archive like that of nodejs.org, of the Node that runs this test. */
async function packNode({ path }: Workshop): Promise<string> {
  const archive = join(path, 'node.tar.gz')
  const [folder, name] = [dirname(process.execPath), basename(process.execPath)]
  await execa('tar', [
    '-c',
    '-I',
    'gzip -1',
    '-f',
    archive,
    '--transform',
    's,^,node/bin/,',
    '-C',
    folder,
    name,
  ])
  return archive
}
