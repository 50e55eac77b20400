import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { exitCodes, MayflyError } from '../core/errors.ts'
import type { Host } from '../core/host.ts'
import type { AgentBundle, World } from '../core/world.ts'
import bootstrap from '../machine/bootstrap.sh' with { type: 'text' }
import { openCloudClock } from './clock.ts'
import { openFiles } from './files.ts'
import { openGit } from './git.ts'
import { openTokens } from './google/auth.ts'
import { findEndpoint, readEndpoints } from './google/endpoints.ts'
import { useProxy } from './google/proxy.ts'
import { noTokens } from './google/tokens.ts'
import { openTransport } from './google/transport.ts'
import { findPackage, readVersion } from './package.ts'

/** The world as a host's environment shows it. Says which Google it talks to before the first word with it. */
export function openWorld(host: Host): World {
  const env = (name: string) => host.env(name)
  const endpoints = readEndpoints(env)
  host.log.info(endpoints.line)
  if (!endpoints.local && !useProxy(env))
    host.log.warn('HTTPS_PROXY is set, but only Node 24.14 and later use it.')
  const userAgent = `mayfly/${readVersion()}`
  const tokens = endpoints.local ? noTokens : openTokens(env, userAgent)
  const clock = openCloudClock()
  const transport = openTransport({ tokens, userAgent, onDate: clock.learn })
  const agent = once(readAgent)
  return {
    clock,
    git: openGit(process.cwd(), process.env),
    files: openFiles(process.cwd()),
    // Each client is loaded when it is first wanted: most of a short task's start is loading.
    async objects(bucket) {
      const { openObjects } = await import('./google/storage.ts')
      // Node loads the parts of its fetch when one is first wanted: better now, while git answers, than after it.
      void globalThis.Headers
      return openObjects(bucket, { endpoint: endpoints.storage, transport })
    },
    async compute(project) {
      const { openCompute } = await import('./google/compute.ts')
      return openCompute(project, { endpoint: endpoints.compute, transport })
    },
    async images(project) {
      const { openImages } = await import('./google/image-store.ts')
      return openImages(project, { endpoint: endpoints.compute, transport })
    },
    async fleet(project) {
      const { openFleet } = await import('./google/fleet.ts')
      return openFleet(project, { endpoint: endpoints.compute, transport })
    },
    async batchJobs(project) {
      const { openBatchJobs } = await import('./google/batch-jobs.ts')
      return openBatchJobs(project, { endpoint: findEndpoint(endpoints, 'batch'), transport })
    },
    async survey(project) {
      const { openSurvey } = await import('./google/survey.ts')
      return openSurvey(project, { env, endpoints, tokens, userAgent })
    },
    agent,
    async builder() {
      const { openBuilder } = await import('./packer/builder.ts')
      return openBuilder({ directory: process.cwd(), env: process.env, agent })
    },
    async slack(destination) {
      const { openSlack } = await import('./slack.ts')
      return openSlack(destination, { api: env('SLACK_API_URL'), userAgent, clock })
    },
    async releasePages(token) {
      const { openReleasePages } = await import('./github-releases.ts')
      return openReleasePages(token, { api: env('GITHUB_API_URL'), userAgent })
    },
    async commitRecords(token) {
      const { openCommitRecords } = await import('./github-records.ts')
      return openCommitRecords(token, { api: env('GITHUB_API_URL'), userAgent })
    },
  }
}

async function readAgent(): Promise<AgentBundle> {
  const file = join(findPackage(), 'dist/agent.js')
  try {
    return {
      digest: createHash('sha256')
        .update(await readFile(file))
        .digest('hex'),
      file,
      bootstrap,
    }
  } catch (cause) {
    const message = `The agent that machines run is missing: ${file}. It comes with every release; \`npm run build\` makes it from sources.`
    throw new MayflyError(message, exitCodes.unknown, { cause })
  }
}

function once<Value>(read: () => Promise<Value>): () => Promise<Value> {
  let value: Promise<Value> | undefined
  return () => {
    value ??= read()
    return value
  }
}
