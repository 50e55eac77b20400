import type { Clock } from '../core/world.ts'
import { callEngine, type Engine } from './engine.ts'
import { getMetadata } from './metadata.ts'

const tries = 3
const timeoutMs = 15 * 60_000

/** Pulls a container image and gives the digest of what is there now. Throws with what the engine said last. */
export async function pullImage(
  engine: Engine,
  image: string,
  clock: Clock,
  signal: AbortSignal,
): Promise<string> {
  if (!isLocal(image)) await pull(engine, image, clock, signal)
  return readDigest(engine, image)
}

/** `localhost/` names an image that the machine's own image brings; no registry has it. */
function isLocal(image: string): boolean {
  return image.startsWith('localhost/')
}

async function pull(engine: Engine, image: string, clock: Clock, signal: AbortSignal): Promise<void> {
  for (let count = 1; ; count++) {
    try {
      await callEngine(engine, ['pull', '--quiet', image], { signal, timeoutMs })
      return
    } catch (error) {
      if (signal.aborted) throw error
      if (count === tries) throw error
      // A machine image may bring a credential helper; only where that does not do is there a login.
      await logIn(engine, image, signal).catch(() => undefined)
      await clock.sleep(1000 * 2 ** count, signal)
    }
  }
}

/** Google's registries take the machine's own token (https://cloud.google.com/artifact-registry/docs/docker/authentication#token). */
async function logIn(engine: Engine, image: string, signal: AbortSignal): Promise<void> {
  const [registry = ''] = image.split('/')
  if (!/^([\w-]+\.)?gcr\.io$|\.pkg\.dev$/.test(registry)) return
  const { text } = await getMetadata('instance/service-accounts/default/token', signal)
  const { access_token: input } = JSON.parse(text) as { access_token: string }
  const args = ['login', '--username', 'oauth2accesstoken', '--password-stdin', `https://${registry}`]
  await callEngine(engine, args, { signal, timeoutMs: 30_000, input })
}

/** `sha256:…` of the image's manifest; of its configuration, for an image that never was in a registry. */
async function readDigest(engine: Engine, image: string): Promise<string> {
  const text = await callEngine(engine, ['image', 'inspect', image], { timeoutMs: 60_000 })
  const [{ Id: id, RepoDigests: digests }] = JSON.parse(text) as [InspectedImage]
  const digest = digests?.[0]?.split('@')[1]
  return digest ?? `sha256:${id.replace(/^sha256:/, '')}`
}

interface InspectedImage {
  readonly Id: string
  readonly RepoDigests?: readonly string[] | null
}
