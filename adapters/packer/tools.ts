import { InputError, type Problem } from '../../core/errors.ts'
import { ask } from './process.ts'
import type { Place } from './workspace.ts'

const oldest = { packer: '1.6.6', ansible: '2.12' }

/** Packer takes its builders as plugins, with `packer init`, from this version on. */
const firstWithPlugins = '1.7'

export interface Tools {
  readonly packer: string
  readonly ansible?: string
  /** Of Packer's plugin for Google; older versions of Packer have it inside. */
  readonly googlecompute?: string
}

/** Finds Packer, and Ansible where it is wanted. Throws an InputError with everything that is missing or too old. */
export async function findTools(place: Place, wantsAnsible: boolean): Promise<Tools> {
  const [packer, ansible] = await Promise.all([
    askVersion(place, 'packer', ['version'], /Packer v(\d+\.\d+\.\d+)/),
    wantsAnsible
      ? askVersion(place, 'ansible-playbook', ['--version'], /\[?core (\d+\.\d+\.\d+)/)
      : Promise.resolve(undefined),
  ])
  const problems = [
    judge('packer', packer, oldest.packer, 'https://developer.hashicorp.com/packer/install'),
    ...(wantsAnsible
      ? [judge('ansible-playbook', ansible, oldest.ansible, '`pip install ansible-core`')]
      : []),
  ].filter((problem) => problem !== undefined)
  if (problems.length > 0) throw new InputError(problems)
  const googlecompute = takesPlugins(packer ?? '') ? await findPlugin(place) : undefined
  return {
    packer: packer ?? '',
    ...(ansible !== undefined && { ansible }),
    ...(googlecompute !== undefined && { googlecompute }),
  }
}

/** Whether this Packer takes its builders as plugins. */
export function takesPlugins(packer: string): boolean {
  return compareVersions(packer, firstWithPlugins) >= 0
}

/** `''` when the program said something else, undefined when there is none. */
async function askVersion(
  { directory, env }: Place,
  program: string,
  args: readonly string[],
  pattern: RegExp,
): Promise<string | undefined> {
  try {
    const { text } = await ask({ program, args, directory, env })
    return pattern.exec(text)?.[1] ?? ''
  } catch (error) {
    if (error instanceof InputError) return undefined
    throw error
  }
}

function judge(
  program: string,
  version: string | undefined,
  needed: string,
  source: string,
): Problem | undefined {
  if (version !== undefined && version !== '' && compareVersions(version, needed) >= 0) return undefined
  const found =
    version === undefined
      ? 'was not found on the PATH'
      : version === ''
        ? 'does not say a version that can be read'
        : `is version ${version}`
  const message = `the program ${found}; ${needed} or later is needed. Get it from ${source}, or use the image of the plugin, which has it.`
  return { where: program, message }
}

/** The newest of the plugins that are installed; `packer init` brings what is missing. */
async function findPlugin({ directory, env }: Place): Promise<string | undefined> {
  const { text } = await ask({ program: 'packer', args: ['plugins', 'installed'], directory, env })
  const versions = [...text.matchAll(/packer-plugin-googlecompute_v(\d+\.\d+\.\d+)/g)].map(
    ([, one = '']) => one,
  )
  return versions.sort(compareVersions).at(-1)
}

function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split('.').map(Number)) as [number[], number[]]
  for (let index = 0; index < 3; index++) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}
