import type { Problem } from '../../core/errors.ts'

/**
 * The variables that begin with a prefix, by what follows it in lower case. An empty one is absent: CI systems set
 * variables for inputs that nobody gave.
 */
export function readPrefixed(env: NodeJS.ProcessEnv, prefix: string): Readonly<Record<string, string>> {
  const given: Record<string, string> = {}
  for (const [name, value] of Object.entries(env)) {
    if (name.startsWith(prefix) && value) given[name.slice(prefix.length).toLowerCase()] = value
  }
  return given
}

const doors = {
  PLUGIN_: { kind: 'a plugin of Drone or Woodpecker', block: 'settings' },
  INPUT_: { kind: 'a GitHub action', block: 'with' },
} as const

type Prefix = keyof typeof doors

/** What to say of a field that was given as the other kind of door takes it; of two values, none would be the right one. */
export function findMisplaced(
  env: NodeJS.ProcessEnv,
  own: Prefix,
  other: Prefix,
): (field: string) => Problem | undefined {
  return (field) => {
    const where = `${other}${field.toUpperCase()}`
    if (!env[where]) return undefined
    const { kind, block } = doors[own]
    return {
      where,
      message: `this variable gives ${field} to ${doors[other].kind}, and this is ${kind}: write ${field} under "${block}:", and take the variable away.`,
    }
  }
}
