import { openPluginHost } from '../../adapters/hosts/detect.ts'
import { openWorld } from '../../adapters/world.ts'
import { run } from '../../core/run.ts'
import { runBatch } from '../../core/tasks/run-batch/task.ts'

await run(runBatch, openPluginHost(process.env), openWorld)
