import { InputError } from '../../core/errors.ts'
import { suggestNearest } from '../../core/nearest.ts'
import type { ImageBuild } from '../../core/world.ts'
import { ask } from './process.ts'
import type { Place } from './workspace.ts'

/** Names of the variables that a template declares, in either of Packer's forms. Needs no plugin. */
export async function inspectTemplate(place: Place, path: string): Promise<readonly string[]> {
  const { code, text } = await ask({
    program: 'packer',
    args: ['inspect', '-machine-readable', path],
    ...place,
  })
  if (code !== 0) throw refuse(`Packer cannot read ${path}`, readMessages(text))
  const legacy = [...text.matchAll(/^\d+,[^,]*,template-variable,([^,]+),/gm)].map(([, name = '']) => name)
  if (legacy.length > 0) return legacy
  const [, list = ''] = /> input-variables:\n([\s\S]*?)(?:\n> |$)/.exec(readMessages(text)) ?? []
  return [...list.matchAll(/^var\.([\w-]+): /gm)].map(([, name = '']) => name)
}

/** Brings the plugins that a template asks for; those that are there already are not looked up again. */
export async function initTemplate(place: Place, path: string): Promise<void> {
  const { code, text } = await ask({ program: 'packer', args: ['init', path], ...place })
  if (code !== 0) throw refuse(`packer init ${path} failed`, text)
}

/** Throws for variables of the caller's that the template does not know, or that Mayfly sets. */
export function checkVariables(
  { template, variables, settings }: ImageBuild,
  declared: readonly string[],
): void {
  const free = declared.filter((name) => !(name in settings))
  const problems = Object.keys(variables).flatMap((name) => {
    if (name in settings)
      return [{ where: 'variables', message: `"${name}" is set by Mayfly; leave it out of the variables.` }]
    if (declared.includes(name)) return []
    const known = free.length === 0 ? 'It declares none.' : `It declares ${free.join(', ')}.`
    const hint = suggestNearest(name, free)
    return [
      {
        where: 'variables',
        message: `the template ${template} declares no variable "${name}".${hint || ` ${known}`}`,
      },
    ]
  })
  if (!declared.includes('image_name') && !declared.includes('manifest'))
    problems.push({
      where: 'template',
      message: `${template} declares neither a variable image_name, for the name that the image is to have, nor a variable manifest, for where Packer's manifest says the name. Declare image_name and use it.`,
    })
  if (problems.length > 0) throw new InputError(problems)
}

function refuse(what: string, said: string): InputError {
  const lines = said.split('\n').filter((line) => line.trim() !== '')
  return new InputError([{ where: 'template', message: `${what}:\n${lines.slice(-15).join('\n')}` }])
}

/** What Packer says to people, out of its machine-readable form. */
function readMessages(text: string): string {
  return [...text.matchAll(/^\d+,[^,]*,ui,\w+,(.*)$/gm)]
    .map(([, message = '']) =>
      message.replaceAll('\\n', '\n').replaceAll('\\r', '').replaceAll('%!(PACKER_COMMA)', ','),
    )
    .join('\n')
}
