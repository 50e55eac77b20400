import { buildImage } from '../core/tasks/build-image/task.ts'
import { checkBatch } from '../core/tasks/check-batch/task.ts'
import { runBatch } from '../core/tasks/run-batch/task.ts'
import { sweep } from '../core/tasks/sweep/task.ts'
import { uploadCode } from '../core/tasks/upload-code/task.ts'

/** The tasks that have an action, in the order of a first release and a first run. */
export const actionTasks = [uploadCode, runBatch, buildImage, sweep, checkBatch] as const
