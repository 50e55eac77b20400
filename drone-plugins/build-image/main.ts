import { openPluginHost } from '../../adapters/hosts/detect.ts'
import { openWorld } from '../../adapters/world.ts'
import { run } from '../../core/run.ts'
import { buildImage } from '../../core/tasks/build-image/task.ts'

await run(buildImage, openPluginHost(process.env), openWorld)
