import { openGithubHost } from '../../adapters/hosts/github.ts'
import { openWorld } from '../../adapters/world.ts'
import { run } from '../../core/run.ts'
import { uploadCode } from '../../core/tasks/upload-code/task.ts'

await run(uploadCode, openGithubHost(process.env), openWorld)
