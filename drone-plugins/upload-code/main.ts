import { openPluginHost } from '../../adapters/hosts/detect.ts'
import { openWorld } from '../../adapters/world.ts'
import { run } from '../../core/run.ts'
import { uploadCode } from '../../core/tasks/upload-code/task.ts'

await run(uploadCode, openPluginHost(process.env), openWorld)
