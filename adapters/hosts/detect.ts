import type { Host } from '../../core/host.ts'
import { openDroneHost } from './drone.ts'
import type { Program } from './program.ts'
import { openWoodpeckerHost } from './woodpecker.ts'

/** The host of a plugin. Woodpecker also sets many DRONE_ variables, so that it is looked for first. */
export function openPluginHost(env: NodeJS.ProcessEnv, program: Program = process): Host {
  const woodpecker = env.CI === 'woodpecker' || env.CI_SYSTEM_NAME === 'woodpecker'
  return woodpecker ? openWoodpeckerHost(env, program) : openDroneHost(env, program)
}
