import { existsSync } from 'node:fs'
import { copyFile, mkdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { InputError } from '../../core/errors.ts'
import type { AgentBundle, ImageBuild } from '../../core/world.ts'
import { findPackage } from '../package.ts'
import { checkTemplate, inspectTemplate } from './inspect.ts'
import { takesPlugins } from './tools.ts'
import { writeMachineVariables, writePlaybookVariables, writeTemplateVariables } from './variables.ts'
import type { Place, Workspace } from './workspace.ts'

/** A template with all that it is to be told. */
export interface Template {
  /** A file or a folder. */
  readonly path: string
  /** Before the path in every command. */
  readonly args: readonly string[]
  readonly place: Place
  /** Names of its variables. */
  readonly variables: readonly string[]
  /** Where it writes what it made, if it does. */
  readonly manifest: string
  /** To be checked before a build. */
  readonly playbook?: { readonly file: string; readonly variables: string }
  /** Whether `packer init` has to bring its plugins. */
  readonly takesPlugins: boolean
}

/** Attributes that came with a plugin of 2025; Packer 1.6.6 refuses the whole template for them. */
const newAttributes = /^ *(max_run_duration_in_seconds|instance_termination_action) += .*\n/gm

/** Prepares the team's template, or Mayfly's own, for this Packer. Throws an InputError for what cannot be used. */
export async function prepareTemplate(
  workspace: Workspace,
  build: ImageBuild,
  packer: string,
  agent: () => Promise<AgentBundle>,
): Promise<Template> {
  const team = build.template === undefined ? undefined : find(workspace, 'template', build.template)
  const playbook = build.playbook === undefined ? undefined : find(workspace, 'playbook', build.playbook)
  const path = team ?? (await assembleTemplate(workspace, packer))
  const legacy = path.endsWith('.json') && !path.endsWith('.pkr.json')
  const variables = team === undefined ? [] : await inspectTemplate(workspace, path)
  if (team !== undefined) checkTemplate(build, variables)

  const ansible = join(findPackage(), 'ansible')
  const playbookVariables = await writePlaybookVariables(workspace, team === undefined ? build.variables : {})
  const wantsMachine = team === undefined || variables.includes('mayfly_machine_variables')
  const manifest = workspace.path('manifest.json')
  const told: Readonly<Record<string, unknown>> = {
    ...(team !== undefined && build.variables),
    ...build.settings,
    mayfly_manifest: manifest,
    mayfly_ansible: ansible,
    mayfly_playbook: playbook ?? join(ansible, 'nothing.yml'),
    mayfly_playbook_variables: playbookVariables,
    ...(wantsMachine && {
      mayfly_machine_variables: await writeMachineVariables(workspace, build, await agent()),
    }),
  }
  return {
    path,
    variables,
    manifest,
    takesPlugins: takesPlugins(packer) && !legacy,
    ...(playbook !== undefined && { playbook: { file: playbook, variables: playbookVariables } }),
    ...(await writeTemplateVariables(workspace, told, legacy ? variables : undefined)),
  }
}

/** Puts Mayfly's template together in a form that this Packer can read. */
async function assembleTemplate(workspace: Workspace, packer: string): Promise<string> {
  const source = join(findPackage(), 'ansible/packer')
  const folder = workspace.path('template')
  await mkdir(folder)
  if (takesPlugins(packer)) {
    for (const name of ['machine.pkr.hcl', 'plugins.pkr.hcl'])
      await copyFile(join(source, name), join(folder, name))
    return folder
  }
  const text = await readFile(join(source, 'machine.pkr.hcl'), 'utf8')
  await workspace.write('template/machine.pkr.hcl', text.replaceAll(newAttributes, ''))
  return folder
}

function find({ directory }: Place, where: 'template' | 'playbook', path: string): string {
  const file = resolve(directory, path)
  if (existsSync(file)) return file
  throw new InputError([
    {
      where,
      message: `there is no file ${path} in ${directory}. A path is taken from the working directory.`,
    },
  ])
}
