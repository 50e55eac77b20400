import type { Host } from '../../core/host.ts'
import { describeContext, nameJob } from './context.ts'
import { openPlugin } from './plugin.ts'
import type { Program } from './program.ts'

/** The host of a Woodpecker plugin. Woodpecker has no outputs, and takes every exit code but 0 for a failure. */
export function openWoodpeckerHost(env: NodeJS.ProcessEnv, program: Program = process): Host {
  return openPlugin(env, program, {
    name: 'Woodpecker',
    ownSettings: [],
    context: describeContext({
      repository: env.CI_REPO,
      tag: env.CI_COMMIT_TAG,
      commit: env.CI_COMMIT_SHA,
      // A restarted pipeline has a new number: it is a new wish. Of a step, only the name is its own (convert.go).
      job: nameJob(env.CI_REPO, env.CI_PIPELINE_NUMBER, env.CI_WORKFLOW_NUMBER, env.CI_STEP_NAME),
      jobAttempt: 1,
      link: env.CI_PIPELINE_URL,
      by: `woodpecker ${env.CI_PIPELINE_AUTHOR ?? ''}`.trim(),
    }),
    setOutput() {},
    chooseExitCode: (exitCode) => exitCode,
  })
}
