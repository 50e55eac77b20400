import { benchCheckBatch } from './check-batch.ts'
import { benchColdStart } from './cold-start.ts'
import { benchOverhead } from './overhead.ts'
import { benchSweep } from './sweep.ts'
import { benchTasks } from './tasks.ts'
import { benchUpload } from './upload.ts'

// Ratios of things measured side by side in this very run; absolute figures are this computer's.
// `--large` adds a tree of 2 GB, and has a thousand tasks in place of a hundred.
await benchColdStart()
await benchUpload()
await benchOverhead()
await benchSweep()
await benchCheckBatch()
await benchTasks()
