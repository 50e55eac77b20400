import { openGithubPostHost } from '../../adapters/hosts/github.ts'
import { openWorld } from '../../adapters/world.ts'
import { run } from '../../core/run.ts'
import { finishBuild } from '../../core/tasks/build-image/finish.ts'

await run(finishBuild, openGithubPostHost(process.env), openWorld)
