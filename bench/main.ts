import { benchCheckBatch } from './check-batch.ts'
import { benchColdStart } from './cold-start.ts'
import { benchData } from './data.ts'
import { benchOverhead } from './overhead.ts'
import { benchSweep } from './sweep.ts'
import { benchTasks } from './tasks.ts'
import { benchUpload } from './upload.ts'

// Ratios of things measured side by side in this very run; absolute figures are this computer's.
// `--large` adds a tree of 2 GB, has a thousand tasks in place of a hundred, and lets machines store 4 GB. Names of parts
// run these alone.
const parts = {
  'cold-start': benchColdStart,
  upload: benchUpload,
  overhead: benchOverhead,
  sweep: benchSweep,
  'check-batch': benchCheckBatch,
  tasks: benchTasks,
  data: benchData,
} as const
const wanted = process.argv.slice(2).filter((argument) => argument in parts)
for (const [name, bench] of Object.entries(parts))
  if (wanted.length === 0 || wanted.includes(name)) await bench()
