import { execFile } from 'node:child_process'
import { realpathSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { promisify } from 'node:util'
import { InputError } from '../../core/errors.ts'
import type { Builder, World } from '../../core/world.ts'
import { makeEnvironment } from './environment.ts'
import { copyImage } from './image-copy.ts'
import { chooseNode } from './process.ts'
import { openProxyEnvironment } from './proxy.ts'

/** Packer and Ansible on the local cloud; where its machines hold nothing to build on, what stands in for them. */
export async function openLocalBuilder(url: string, { agent }: World): Promise<Builder> {
  const { openBuilder } = await import('../../adapters/packer/builder.ts')
  const place = { directory: process.cwd(), agent }
  const env = { ...process.env, ...makeEnvironment(url) }
  if (!(await hasContents(url))) return openStandIn(url, openBuilder({ ...place, env }))
  return bringNode(openBuilder({ ...place, env: { ...env, ...(await openProxyEnvironment(url)) } }))
}

/** Gives the machine this computer's Node: it reaches Debian's mirrors, and not nodejs.org. */
function bringNode(real: Builder): Builder {
  return {
    ...real,
    async build(build, options) {
      // A team's own template knows what its machine needs.
      if (build.template !== undefined) return real.build(build, options)
      const folder = await mkdtemp(join(tmpdir(), 'mayfly-node-'))
      try {
        const archive = join(folder, 'node.tar.gz')
        await packNode(archive)
        const variables = { batch_machine_node_archive: archive, ...build.variables }
        return await real.build({ ...build, variables }, options)
      } finally {
        await rm(folder, { recursive: true, force: true })
      }
    },
  }
}

/** As the official archives are: one folder, and in it `bin/node`. */
async function packNode(archive: string): Promise<void> {
  const node = realpathSync(chooseNode())
  const above = resolve(node, '../../..')
  await promisify(execFile)('tar', ['-C', above, '-cf', archive, '-I', 'gzip -1', relative(above, node)])
}

async function hasContents(url: string): Promise<boolean> {
  const { contents } = (await (await fetch(`${url}/_mayfly/compute`)).json()) as { contents: boolean }
  return contents
}

const unreal =
  "The local cloud's machines are processes of this computer, and hold nothing that Packer could build on: Packer and Ansible were checked and not run, and the image is a copy of its source image. On Linux, as root, `scripts/make-base-image FOLDER` and a local cloud started with MAYFLY_MACHINE_DRIVER=namespace MAYFLY_BASE_IMAGE=FOLDER do it for real."

/** Does everything around Packer, and says what it leaves out. */
function openStandIn(url: string, real: Builder): Builder {
  return {
    tools: async () => ({}),
    async validate(build, options) {
      try {
        await real.tools(build)
      } catch (error) {
        if (!(error instanceof InputError)) throw error
        options.log.warn(`The template and the playbook have not been checked. ${error.message}`)
        return
      }
      await real.validate(build, options)
    },
    async build({ settings }, { log }) {
      log.warn(unreal)
      const { image_name: name, image_description: description, image_labels: labels } = settings
      const sourceImage = `projects/${settings.source_image_project_id}/global/images/${settings.source_image}`
      await copyImage(url, { name, description, labels, sourceImage })
      return name
    },
  }
}
