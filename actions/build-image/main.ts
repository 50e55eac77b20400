import { openGithubHost } from '../../adapters/hosts/github.ts'
import { openWorld } from '../../adapters/world.ts'
import { run } from '../../core/run.ts'
import { buildImage } from '../../core/tasks/build-image/task.ts'

await run(buildImage, openGithubHost(process.env), openWorld)
