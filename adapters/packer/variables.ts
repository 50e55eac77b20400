import { InputError } from '../../core/errors.ts'
import type { AgentBundle, ImageBuild } from '../../core/world.ts'
import type { Place, Workspace } from './workspace.ts'

/** Variables of the role that a team may set among those of its playbook. */
const rolePrefix = 'batch_machine_'

/** A file for Ansible with what Mayfly's own playbook is told; gives its path. */
export function writeMachineVariables(
  workspace: Workspace,
  build: ImageBuild,
  agent: AgentBundle,
): Promise<string> {
  const teams = Object.entries(build.variables).filter(([name]) => name.startsWith(rolePrefix))
  const variables = {
    ...Object.fromEntries(teams),
    batch_machine_containers: build.containers,
    batch_machine_agent: agent.file,
    batch_machine_agent_digest: agent.digest,
  }
  return workspace.write('machine.json', JSON.stringify(variables))
}

/** A file for Ansible with the team's variables, as data: what looks like a template in a value is none. Gives its path. */
export function writePlaybookVariables(
  workspace: Workspace,
  variables: Readonly<Record<string, string>>,
): Promise<string> {
  const bad = Object.keys(variables).filter((name) => !/^[A-Za-z_]\w*$/.test(name))
  if (bad.length > 0)
    throw new InputError(
      bad.map((name) => ({
        where: 'variables',
        message: `"${name}" is no name of an Ansible variable: letters, digits and _ are expected, no digit first.`,
      })),
    )
  const lines = Object.entries(variables).map(
    ([name, value]) => `${name}: !unsafe ${JSON.stringify(value)}\n`,
  )
  return workspace.write('playbook.yml', lines.length === 0 ? '{}\n' : lines.join(''))
}

/**
 * Tells a template its variables: in the environment, where Packer reads each by its declared type and overlooks what
 * is not declared. Templates of the old JSON form read no environment, so they get a file of what they declare.
 */
export async function writeTemplateVariables(
  workspace: Workspace,
  variables: Readonly<Record<string, unknown>>,
  legacyNames: readonly string[] | undefined,
): Promise<{ readonly args: readonly string[]; readonly place: Place }> {
  const given = Object.entries(variables).filter(([, value]) => value !== undefined)
  const { directory, env } = workspace
  if (legacyNames !== undefined) {
    const texts = given
      .filter(([name]) => legacyNames.includes(name))
      .map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)])
    const file = await workspace.write('variables.json', JSON.stringify(Object.fromEntries(texts)))
    return { args: [`-var-file=${file}`], place: { directory, env } }
  }
  const told = given.map(([name, value]) => [`PKR_VAR_${name}`, writeExpression(value)])
  return { args: [], place: { directory, env: { ...env, ...Object.fromEntries(told) } } }
}

/** Packer takes text as it is, and anything else as an expression of HCL. */
function writeExpression(value: unknown): string {
  if (typeof value === 'string') return value
  return JSON.stringify(value).replace(/[$%](?=\{)/g, (sign) => sign + sign)
}
