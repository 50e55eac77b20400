import { InputError, type Problem } from '../../core/errors.ts'
import { suggestNearest } from '../../core/nearest.ts'
import type { ImageBuild } from '../../core/world.ts'
import { findPlace } from './place.ts'
import { ask } from './process.ts'
import type { Place } from './workspace.ts'

/** Names of the variables that a template declares, in either of Packer's forms. Needs no plugin. */
export async function inspectTemplate(place: Place, path: string): Promise<readonly string[]> {
  const { code, text } = await ask({
    program: 'packer',
    args: ['inspect', '-machine-readable', path],
    ...place,
  })
  if (code !== 0) throw refuse(`Packer cannot read ${path}`, readMessages(text), place)
  const legacy = [...text.matchAll(/^\d+,[^,]*,template-variable,([^,]+),/gm)].map(([, name = '']) => name)
  if (legacy.length > 0) return legacy
  const [, list = ''] = /> input-variables:\n([\s\S]*?)(?:\n> |$)/.exec(readMessages(text)) ?? []
  return [...list.matchAll(/^var\.([\w-]+): /gm)].map(([, name = '']) => name)
}

/** Brings the plugins that a template asks for; those that are there already are not looked up again. */
export async function initTemplate(place: Place, path: string, signal: AbortSignal): Promise<void> {
  const { code, text } = await ask({ program: 'packer', args: ['init', path], ...place }, signal)
  if (code !== 0) throw refuse(`packer init ${path} failed`, text, place)
}

/** Throws an InputError for all that was given and that a team's template would not hear. */
export function checkTemplate(build: ImageBuild, declared: readonly string[]): void {
  const { template, variables, settings, containers, playbook } = build
  const isOurs = (name: string) => name in settings || name.startsWith('mayfly_')
  const free = declared.filter((name) => !isOurs(name))
  const unheard = (where: string, name: string): Problem => ({
    where,
    message: `the template ${template} does not hear of it: it declares no variable ${name}.`,
  })
  const problems = Object.keys(variables).flatMap((name): readonly Problem[] => {
    if (isOurs(name)) return [{ where, message: `"${name}" is set by Mayfly; leave it out.` }]
    if (declared.includes(name)) return []
    const all = free.length === 0 ? ' It declares none.' : ` It declares ${free.join(', ')}.`
    const message = `the template ${template} declares no variable "${name}".`
    return [{ where, message: message + (suggestNearest(name, free) || all) }]
  })
  if (containers.length > 0 && !declared.includes('mayfly_machine_variables'))
    problems.push(unheard('containers', 'mayfly_machine_variables'))
  if (playbook !== undefined && !declared.includes('mayfly_playbook'))
    problems.push(unheard('playbook', 'mayfly_playbook'))
  if (!declared.includes('image_name') && !declared.includes('mayfly_manifest'))
    problems.push({
      where: 'template',
      message: `${template} declares neither a variable image_name, for the name that the image is to have, nor a variable mayfly_manifest, for where Packer's manifest says the name. Declare image_name and use it.`,
    })
  if (problems.length > 0) throw new InputError(problems)
}

const where = 'variables'

function refuse(what: string, said: string, { directory }: Place): InputError {
  const lines = said.split('\n').filter((line) => line.trim() !== '')
  return new InputError([
    { where: findPlace(said, directory) ?? 'template', message: `${what}:\n${lines.slice(-15).join('\n')}` },
  ])
}

/** What Packer says to people, out of its machine-readable form. */
function readMessages(text: string): string {
  return [...text.matchAll(/^\d+,[^,]*,ui,\w+,(.*)$/gm)]
    .map(([, message = '']) =>
      message.replaceAll('\\n', '\n').replaceAll('\\r', '').replaceAll('%!(PACKER_COMMA)', ','),
    )
    .join('\n')
}
