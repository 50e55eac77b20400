import { CommandError, InputError } from '../../core/errors.ts'
import type { AgentBundle, Builder, ImageBuild } from '../../core/world.ts'
import { initTemplate } from './inspect.ts'
import { readImageName } from './manifest.ts'
import { type Output, openOutput } from './output.ts'
import { findPlace, findTask } from './place.ts'
import { ask, type Ending, type GroupOptions, runGroup } from './process.ts'
import { readSecrets } from './secrets.ts'
import { prepareTemplate, type Template } from './template.ts'
import { findTools } from './tools.ts'
import { openWorkspace, type Place } from './workspace.ts'

/** How long Packer may take to remove its machine and disk after a cancel. */
const graceSeconds = 180

export interface BuilderOptions extends Place {
  readonly agent: () => Promise<AgentBundle>
  readonly graceSeconds?: number
}

/** Packer and Ansible of this computer. */
export function openBuilder(options: BuilderOptions): Builder {
  return {
    async tools(build) {
      return { ...(await findTools(options, wantsAnsible(build))) }
    },

    async validate(asked, { signal }) {
      const { build, mask } = readSecrets(asked, options.env)
      const { packer } = await findTools(options, wantsAnsible(build))
      await using workspace = await openWorkspace(options)
      const template = await prepareTemplate(workspace, build, packer, options.agent)
      if (template.takesPlugins) await initTemplate(template.place, template.path, signal)
      const check = async (where: string, program: string, args: readonly string[]) => {
        const { code, text } = await ask({ program, args, ...template.place }, signal)
        if (code === 0) return
        const at = findPlace(text, options.directory) ?? where
        throw new InputError([{ where: at, message: describeRefusal(program, args, mask(text)) }])
      }
      await check('template', 'packer', ['validate', ...template.args, template.path])
      const { playbook } = template
      if (playbook !== undefined) {
        const args = [
          '--syntax-check',
          '-i',
          'machine,',
          '--extra-vars',
          `@${playbook.variables}`,
          playbook.file,
        ]
        await check('playbook', 'ansible-playbook', args)
      }
    },

    async build(asked, { log, signal, hopeless }) {
      const { build, mask } = readSecrets(asked, options.env)
      const { packer } = await findTools(options, false)
      await using workspace = await openWorkspace(options)
      const template = await prepareTemplate(workspace, build, packer, options.agent)
      if (template.takesPlugins) await initTemplate(template.place, template.path, signal)
      const ends = { signal, hopeless, graceSeconds: options.graceSeconds ?? graceSeconds }
      await runBuild(template, openOutput(log, mask), ends)
      return (await readImageName(template.manifest)) ?? assumeName(template, build)
    },
  }
}

async function runBuild(
  template: Template,
  output: Output,
  ends: Omit<GroupOptions, 'onText'>,
): Promise<void> {
  const { path, args, place } = template
  const command = { program: 'packer', args: ['build', '-color=false', ...args, path], ...place }
  try {
    const onText = (text: string) => output.write(text)
    const ending = await runGroup(command, { onText, ...ends })
    output.end()
    if (ending.code === 0) return
    const message = `packer build ended with ${describeEnding(ending)}.\n${output.reason.give() || output.tail()}`
    throw new CommandError('packer build', output.tail(), message, { where: locate(output.reason, template) })
  } finally {
    output.end()
  }
}

/** The line that a failure is of, where somebody can be shown it. */
function locate(reason: Output['reason'], { playbook, place }: Template): string | undefined {
  const said = findPlace(reason.text(), place.directory)
  const task = reason.task()
  if (said !== undefined || task === undefined || playbook === undefined) return said
  return findTask(task, playbook.file, place.directory)
}

/** A template that took the name and tells none has used it. */
function assumeName({ variables }: Template, { template, settings }: ImageBuild): string {
  if (variables.includes('image_name')) return settings.image_name
  const message = `Packer has built ${template}, and wrote no manifest at the path that it was told in the variable mayfly_manifest, so the name of the image is not known.`
  throw new CommandError('packer build', '', message)
}

/** Mayfly's own template runs Ansible whether or not the team has a playbook. */
function wantsAnsible({ template, playbook }: ImageBuild): boolean {
  return template === undefined || playbook !== undefined
}

function describeEnding({ code, signal }: Ending): string {
  return signal === null ? `exit code ${code}` : `signal ${signal}`
}

function describeRefusal(program: string, args: readonly string[], text: string): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  const verb = args.find((arg) => /validate|syntax/.test(arg)) ?? ''
  return `${program} ${verb} found:\n${lines.slice(-20).join('\n')}`
}
