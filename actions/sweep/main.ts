import { openGithubHost } from '../../adapters/hosts/github.ts'
import { openWorld } from '../../adapters/world.ts'
import { run } from '../../core/run.ts'
import { sweep } from '../../core/tasks/sweep/task.ts'

await run(sweep, openGithubHost(process.env), openWorld)
