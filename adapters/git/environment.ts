/** Settings that change the bytes of a tar, each at git's own default or at the one value that depends on nothing. */
const pinnedSettings = {
  // `$Format:%h$`: by default as long as the number of objects at hand demands.
  'core.abbrev': '40',
  // In force even without a global config: ~/.config/git/attributes.
  'core.attributesFile': '/dev/null',
  'core.autocrlf': 'false',
  // Larger files go through git in a stream, not in memory, and keep their line ends whatever the attributes say.
  'core.bigFileThreshold': '32m',
  'core.eol': 'lf',
  'tar.umask': '0002',
} as const

/** For git in the user's own repository. */
export function openEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const plain = { ...env, LC_ALL: 'C', GIT_TERMINAL_PROMPT: '0', GIT_NO_REPLACE_OBJECTS: '1' }
  // Plugins run as root in a workspace of somebody else's (woodpecker-ci/woodpecker#1077, #5017).
  return addSettings(plain, { 'safe.directory': '*' })
}

/** For git in a repository of our own, `gitDir`, over another one's objects: nothing that git reads is the user's. */
export function isolateEnvironment(
  env: NodeJS.ProcessEnv,
  gitDir: string,
  objects: string,
): NodeJS.ProcessEnv {
  const foreign = Object.entries(env).filter(([name]) => !name.startsWith('GIT_'))
  const own = {
    ...Object.fromEntries(foreign),
    LC_ALL: 'C',
    GIT_DIR: gitDir,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_ATTR_NOSYSTEM: '1',
    // git follows the alternates of this store by itself.
    GIT_OBJECT_DIRECTORY: objects,
  }
  return addSettings(own, pinnedSettings)
}

/** By the environment rather than `-c`, after whatever the caller has set in this way. */
function addSettings(env: NodeJS.ProcessEnv, settings: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const first = Number(env.GIT_CONFIG_COUNT ?? 0)
  const entries = Object.entries(settings)
  const variables = entries.flatMap(([key, value], index) => [
    [`GIT_CONFIG_KEY_${first + index}`, key],
    [`GIT_CONFIG_VALUE_${first + index}`, value],
  ])
  return { ...env, ...Object.fromEntries(variables), GIT_CONFIG_COUNT: String(first + entries.length) }
}
