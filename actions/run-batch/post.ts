import { openGithubPostHost } from '../../adapters/hosts/github.ts'
import { openWorld } from '../../adapters/world.ts'
import { run } from '../../core/run.ts'
import { finishBatch } from '../../core/tasks/run-batch/finish.ts'

await run(finishBatch, openGithubPostHost(process.env), openWorld)
