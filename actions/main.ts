import { openGithubHost } from '../adapters/hosts/github.ts'
import { openWorld } from '../adapters/world.ts'
import { runChosen } from './chosen-task.ts'
import { actionTasks } from './tasks.ts'

await runChosen(actionTasks, openGithubHost(process.env), openWorld)
