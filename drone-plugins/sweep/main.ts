import { openPluginHost } from '../../adapters/hosts/detect.ts'
import { openWorld } from '../../adapters/world.ts'
import { run } from '../../core/run.ts'
import { sweep } from '../../core/tasks/sweep/task.ts'

await run(sweep, openPluginHost(process.env), openWorld)
