import { InputError } from '../../core/errors.ts'
import type { ImageBuild } from '../../core/world.ts'
import { type Mask, openMask } from './mask.ts'

/** The build with its secrets among the variables, and what hides them. Throws an InputError for one that is not there. */
export function readSecrets(
  build: ImageBuild,
  env: NodeJS.ProcessEnv,
): { readonly build: ImageBuild; readonly mask: Mask } {
  const secrets = Object.entries(build.secrets)
  const missing = secrets.filter(([, variable]) => !env[variable])
  if (missing.length > 0)
    throw new InputError(
      missing.map(([name, variable]) => ({
        where: 'secrets',
        message: `"${name}" is to come from the environment variable ${variable}, which is not set.`,
      })),
    )
  const values = Object.fromEntries(secrets.map(([name, variable]) => [name, env[variable] as string]))
  return {
    build: { ...build, variables: { ...build.variables, ...values } },
    mask: openMask(Object.values(values)),
  }
}
