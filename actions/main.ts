import { openGithubHost } from '../adapters/hosts/github.ts'
import { openWorld } from '../adapters/world.ts'
import { runBatch } from '../core/tasks/run-batch/task.ts'
import { uploadCode } from '../core/tasks/upload-code/task.ts'
import { runChosen } from './chosen-task.ts'

await runChosen([uploadCode, runBatch], openGithubHost(process.env), openWorld)
