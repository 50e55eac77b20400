import { join } from 'node:path'
import { execa } from 'execa'
import { expect } from 'vitest'
import { openBuilder } from '../../adapters/packer/builder.ts'
import { CancelledError } from '../../core/errors.ts'
import type { AgentBundle, Builder } from '../../core/world.ts'
import { openNamespaceDriver } from '../../emulator/drivers/namespace.ts'
import { type Emulator, startEmulator } from '../../emulator/index.ts'
import bootstrap from '../../machine/bootstrap.sh' with { type: 'text' }
import { makeBaseImage, namespaces } from '../emulator/base-image.ts'
import { needAll, testWith } from '../tools.ts'
import { ansible, openLog, openWorkshop, packer, planBuild, type Workshop } from './packer-workshop.ts'

const never = () => new AbortController().signal

// Everything at once: machines that boot, Packer, Ansible and SSH.
const tools = needAll(namespaces, packer, ansible)

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
