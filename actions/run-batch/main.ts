import { openGithubHost } from '../../adapters/hosts/github.ts'
import { openWorld } from '../../adapters/world.ts'
import { run } from '../../core/run.ts'
import { runBatch } from '../../core/tasks/run-batch/task.ts'

await run(runBatch, openGithubHost(process.env), openWorld)
