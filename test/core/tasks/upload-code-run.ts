import { join } from 'node:path'
import { openGit } from '../../../adapters/git.ts'
import type { Context } from '../../../core/host.ts'
import { uploadCode } from '../../../core/tasks/upload-code/task.ts'
import type { Objects } from '../../../core/world.ts'
import { openSandbox, type Sandbox } from '../../adapters/git-sandbox.ts'
import { bucket, type Depot } from './upload-code-depot.ts'
import { openSession } from './upload-code-session.ts'

interface Code extends Sandbox {
  /** The commit of the tag v1.4.0 of the repository `recommender`. */
  readonly head: string
}

/** A repository with a tag to upload. */
export async function openCode(): Promise<Code> {
  const sandbox = await openSandbox()
  const files = { 'train.py': 'print(1)\n', 'run.sh': { program: '#!/bin/sh\n' } }
  const head = await sandbox.repository('recommender', files)
  await sandbox.git('recommender', 'tag', 'v1.4.0')
  return { ...sandbox, head }
}

interface Wish {
  readonly tag?: string
  readonly name?: string
  readonly submodules?: boolean
  readonly directory?: string
  readonly env?: NodeJS.ProcessEnv
  readonly context?: Partial<Context>
  readonly signal?: AbortSignal
  /** The bucket, where something is to happen between the calls to it. */
  readonly objects?: Objects
}

/** The inputs of news, when nobody gives them. */
export const noNews = {
  githubToken: undefined,
  slackWebhook: undefined,
  slackToken: undefined,
  slackChannel: undefined,
}

/** Plans and runs the task as a door does, and gives its report and what it said. */
export async function upload(code: Sandbox, depot: Depot, wish: Wish = {}) {
  const { tag, name, submodules = false, directory = 'recommender', context, signal } = wish
  const session = openSession({
    git: openGit(join(code.path, directory), { ...code.env, ...wish.env }),
    objects: () => wish.objects ?? depot.objects,
    ...(context && { context }),
    ...(signal && { signal }),
  })
  const inputs = { tag, name, submodules, project: 'acme-ml', bucket, dryRun: false, ...noNews }
  const plan = await uploadCode.plan(inputs, session)
  const report = uploadCode.report(await uploadCode.run(plan, session), plan)
  return { ...session, report }
}
