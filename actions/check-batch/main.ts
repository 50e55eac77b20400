import { openGithubHost } from '../../adapters/hosts/github.ts'
import { openWorld } from '../../adapters/world.ts'
import { run } from '../../core/run.ts'
import { checkBatch } from '../../core/tasks/check-batch/task.ts'

await run(checkBatch, openGithubHost(process.env), openWorld)
