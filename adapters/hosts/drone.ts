import { appendFileSync } from 'node:fs'
import type { Host } from '../../core/host.ts'
import { describeContext, nameJob } from './context.ts'
import { writeCard } from './drone-card.ts'
import { openPlugin } from './plugin.ts'
import type { Program } from './program.ts'

/** What Harness, which runs Drone plugins too, sets beside the user's settings. */
const ownSettings = ['artifact_file', 'metadata_file', 'oidc_token_id']

/** Drone takes this code for "stop the pipeline early, with success" (drone/runner-go, execer.go). */
const stopEarly = 78

/** The host of a Drone plugin, under Drone or Harness. */
export function openDroneHost(env: NodeJS.ProcessEnv, program: Program = process): Host {
  return openPlugin(env, program, {
    name: 'Drone',
    ownSettings,
    context: describeContext({
      repository: env.DRONE_REPO,
      tag: env.DRONE_TAG,
      commit: env.DRONE_COMMIT_SHA,
      // A restarted build has a new number and does not name the old one: it is a new wish.
      job: nameJob(env.DRONE_REPO, env.DRONE_BUILD_NUMBER, env.DRONE_STAGE_NUMBER, env.DRONE_STEP_NUMBER),
      jobAttempt: 1,
      link: env.DRONE_BUILD_LINK,
      by: 'drone',
    }),
    setOutput(name, value) {
      // Drone has no outputs; Harness reads this file.
      if (env.DRONE_OUTPUT) appendFileSync(env.DRONE_OUTPUT, `${name}=${formatValue(value)}\n`)
    },
    showCard: (card, failure, lines) => writeCard(env, card, failure, lines),
    chooseExitCode(exitCode, log) {
      if (exitCode !== stopEarly) return exitCode
      log('Exit code 78 would tell Drone that all is well; leaving with 1 instead.')
      return 1
    },
  })
}

/** A dotenv value as Harness's reader takes it: `$NAME` is filled in, and text is quoted only where it must be. */
function formatValue(value: string): string {
  const literal = value.replaceAll('$', '\\$')
  if (!/^['"\s]|[\r\n]|\s#|\s$/.test(value)) return literal
  return `"${literal.replaceAll('"', '\\"').replaceAll('\r', '\\r').replaceAll('\n', '\\n')}"`
}
