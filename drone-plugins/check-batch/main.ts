import { openPluginHost } from '../../adapters/hosts/detect.ts'
import { openWorld } from '../../adapters/world.ts'
import { run } from '../../core/run.ts'
import { checkBatch } from '../../core/tasks/check-batch/task.ts'

await run(checkBatch, openPluginHost(process.env), openWorld)
