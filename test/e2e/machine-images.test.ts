import { readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { execa } from 'execa'
import { expect } from 'vitest'
import type { Driver } from '../../emulator/drivers/driver.ts'
import { openNamespaceDriver } from '../../emulator/drivers/namespace.ts'
import { openQemuDriver } from '../../emulator/drivers/qemu.ts'
import { ansible, packer } from '../adapters/packer-workshop.ts'
import { makeBaseDisk, qemu } from '../emulator/base-disk.ts'
import { makeBaseImage, namespaces } from '../emulator/base-image.ts'
import { openCalls } from '../emulator/compute-calls.ts'
import { bootFilled, bootFrom, readAddress } from '../emulator/namespace-machines.ts'
import { needAll, testWith } from '../tools.ts'
import { pointPacker, type Stage, setStage, writeBatch } from './stage.ts'

const root = join(import.meta.dirname, '../..')

// Whoever writes the playbook can take Packer's key, so in the image it must be worth nothing.
const playbook = (folder: string, first: string) => `${first}
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

const look = `cat > facts.json <<END
{ "node": "$(/opt/mayfly/node/bin/node --version)",
  "agent": "$(ls /opt/mayfly | grep -c '^agent-')",
  "jq": "$(jq -n 1+1)",
  "motd": "$(cat /etc/motd)",
  "sudoers": "$(id -nG packer | grep -c google-sudoers)",
  "keys": "$(find / -xdev -name authorized_keys | wc -l)" }
END`

interface Trial {
  /** Of the role. */
  readonly variables?: Readonly<Record<string, string>>
  /** What the team's playbook begins with. */
  readonly first?: string
}

/** Builds an image on machines of a driver; its smoke batch looks at what is in it. Gives the build's log. */
async function build(stage: Stage, { first = '', variables = {} }: Trial): Promise<string> {
  await pointPacker(stage)
  const folder = dirname(stage.repository)
  await stage.write({
    'site.yml': playbook(folder, first),
    'batch.yaml': writeBatch({
      steps: `  - run: |\n${look.replaceAll(/^/gm, '      ')}`,
      more: 'code: none\noutputs: [{ path: facts.json, name: facts }]',
    }).replace('mayfly-local', 'ml-batch'),
  })
  stage.tag('v1')
  const given = { ...variables, batch_machine_node_archive: await packNode(folder) }
  const built = await stage.mayfly(
    ...['build-image', '--playbook', 'site.yml', '--family', 'ml-batch', '--zones', 'us-central1-a'],
    ...['--smoke', 'batch.yaml', '--json'],
    ...Object.entries(given).flatMap(([name, value]) => ['--var', `${name}=${value}`]),
  )
  expect(built.stderr).toMatch(/Smoke batch on ml-batch-v1/)
  const { state, image, smoke } = JSON.parse(built.stdout)
  expect([state, image.name]).toEqual(['built', 'ml-batch-v1'])
  const object = (smoke.outputs[0].uri as string).replace('gs://depot/', '')
  expect(JSON.parse(await stage.read(object))).toEqual({
    node: process.version,
    agent: '1',
    jq: '2',
    motd: 'A machine of the team penguins.',
    sudoers: '0',
    keys: '0',
  })
  stage.expectNothingLeft()
  expect(stage.google.compute.disks()).toEqual([])
  return built.stderr
}

/** Runs a batch on the newest image of the family. */
async function run(stage: Stage): Promise<void> {
  const { exitCode, stdout } = await stage.mayfly('run-batch', '--json')
  expect([exitCode, JSON.parse(stdout)]).toMatchObject([0, { machine: { image: 'ml-batch-v1' } }])
  stage.expectNothingLeft()
}

/** Knocks at a machine of the image with the key of the build. */
async function knock({ google, repository }: Stage) {
  const calls = openCalls(google.url, 'acme')
  const network = { networkInterfaces: [{ accessConfigs: [{ type: 'ONE_TO_ONE_NAT' }] }] }
  await bootFilled(calls, 'door', 'echo open', { ...bootFrom('global/images/ml-batch-v1'), ...network })
  const key = join(dirname(repository), 'stolen')
  expect(readFileSync(key, 'utf8')).toContain('PRIVATE KEY')
  const options = [
    'StrictHostKeyChecking=no',
    'UserKnownHostsFile=/dev/null',
    'BatchMode=yes',
    'IdentitiesOnly=yes',
  ]
  const flags = ['-F', '/dev/null', '-i', key, ...options.flatMap((one) => ['-o', one])]
  return execa('ssh', [...flags, `packer@${await readAddress(calls, 'door')}`, 'id'], { reject: false })
}

function openStage(driver: Driver, baseImage: string): Promise<Stage> {
  return setStage({ compute: { driver, baseImage, acceptMalformedSourceDisk: true } })
}

/** An archive like that of nodejs.org, of the Node that runs this test. */
async function packNode(folder: string): Promise<string> {
  const archive = join(folder, 'node.tar.gz')
  const [bin, name] = [dirname(process.execPath), basename(process.execPath)]
  await execa('tar', ['-cf', archive, '-I', 'gzip -1', '--transform', 's,^,node/bin/,', '-C', bin, name])
  return archive
}

testWith(
  needAll(namespaces, packer, ansible),
  'a tag becomes an image on which batches run, and that lets its builder in no more',
  async () => {
    await using stage = await openStage(openNamespaceDriver(), await makeBaseImage())
    const log = await build(stage, { first: `- import_playbook: ${root}/ansible/machine.yml` })
    // Mayfly's own playbook, which the team's one plays again, finds nothing more to do.
    const plays = log.split(/^(?=PLAY )/m).filter((play) => play.startsWith('PLAY [What a batch needs]'))
    expect(plays).toEqual([expect.stringContaining('changed: '), expect.not.stringContaining('changed: ')])
    await run(stage)
    const { exitCode, stderr } = await knock(stage)
    expect([exitCode, stderr]).toEqual([255, expect.stringContaining('Permission denied (publickey')])
    expect(stage.google.unknown()).toEqual([])
  },
  300,
)

testWith(
  needAll(qemu, packer, ansible),
  'the same on virtual machines, with a kernel and systemd of their own',
  async () => {
    await using stage = await openStage(openQemuDriver(), await makeBaseDisk())
    await build(stage, { variables: { batch_machine_engine: 'none' } })
    expect(stage.google.unknown()).toEqual([])
  },
  600,
)
