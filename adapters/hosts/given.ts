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
