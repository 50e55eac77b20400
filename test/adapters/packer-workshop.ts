import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { openBuilder } from '../../adapters/packer/builder.ts'
import type { Log } from '../../core/host.ts'
import type { Builder, ImageBuild } from '../../core/world.ts'
import { findTool } from '../tools.ts'

export const packer = findTool('packer', ['packer', 'version'], true)
export const ansible = findTool('ansible-playbook', ['ansible-playbook', '--version'], true)

/** A log that keeps what it heard. */
export interface Heard extends Log {
  readonly groups: readonly string[]
  text(): string
  /** Resolves when the text has come. */
  hear(text: string): Promise<void>
}

export function openLog(): Heard {
  const groups: string[] = []
  const waiting: { text: string; resolve: () => void }[] = []
  let heard = ''
  return {
    groups,
    text: () => heard,
    hear: (text) =>
      new Promise((resolve) => {
        if (heard.includes(text)) resolve()
        else waiting.push({ text, resolve })
      }),
    output(text) {
      heard += text
      for (const one of waiting) if (heard.includes(one.text)) one.resolve()
    },
    info: () => undefined,
    warn: () => undefined,
    group: (title) => groups.push(title),
    endGroup: () => undefined,
    progress: () => undefined,
  }
}

/** A team's working directory, with a builder in it whose temporary files are inside too. */
export interface Workshop extends AsyncDisposable {
  readonly path: string
  readonly builder: Builder
  write(files: Readonly<Record<string, string>>): Promise<void>
  /** What is left of temporary files. */
  leftovers(): Promise<readonly string[]>
}

export async function openWorkshop(
  options: { readonly graceSeconds?: number; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<Workshop> {
  const path = await mkdtemp(join(tmpdir(), 'mayfly-packer-test-'))
  const temporary = join(path, 'temporary')
  await mkdir(temporary)
  const builder = openBuilder({
    directory: path,
    env: { PATH: process.env.PATH, HOME: path, TMPDIR: temporary, ...options.env },
    agent: async () => ({ digest: 'd'.repeat(64), file: '/nowhere/agent.js', bootstrap: '' }),
    ...(options.graceSeconds !== undefined && { graceSeconds: options.graceSeconds }),
  })
  return {
    path,
    builder,
    async write(files) {
      for (const [name, text] of Object.entries(files)) {
        await mkdir(dirname(join(path, name)), { recursive: true })
        await writeFile(join(path, name), text)
      }
    },
    leftovers: () => readdir(temporary),
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  }
}

/** An image to be built, with settings that nothing looks at closely. */
export function planBuild(build: Partial<ImageBuild> = {}): ImageBuild {
  return {
    containers: [],
    variables: {},
    secrets: {},
    settings: {
      project_id: 'team',
      zone: 'europe-west1-b',
      image_name: 'batch-v1',
      image_description: 'Made from "v1" of ${team}',
      image_labels: { 'made-by': 'mayfly' },
      source_image: 'debian-12-bookworm-v20260113',
      source_image_project_id: 'debian-cloud',
      machine_type: 'e2-small',
      disk_size: 20,
      instance_name: 'mayfly-build-1',
      labels: {},
      max_run_duration_in_seconds: 3600,
      use_internal_ip: false,
    },
    ...build,
  }
}

/** A template of a team's: no machine, only what its provisioner says. */
export function writeTemplate(provisioners: string, variables = ''): string {
  return `
variable "image_name" { type = string }
variable "mayfly_manifest" { type = string }
${variables}
source "null" "team" { communicator = "none" }
build {
  sources = ["source.null.team"]
  ${provisioners}
  post-processor "manifest" { output = var.mayfly_manifest }
}
`
}
