import { rm } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { performAttempt } from './attempt.ts'
import { outliveConsole, say } from './console.ts'
import { Deadline } from './deadline.ts'
import { openGoogle } from './google.ts'
import { readSelf } from './metadata.ts'
import { deleteSelf } from './self.ts'
import { isTask, performTask } from './task.ts'

/** How long a reason on the console waits for a controller, which looks every 5 s, before it goes with the machine. */
const readingMs = 15_000

/** The life of a machine: an attempt, and then its own end. `root` is the folder for all that it writes. */
export async function live(root: string): Promise<void> {
  outliveConsole()
  const deadline = new Deadline()
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => deadline.abandon('preempted'))
  try {
    if (isTask()) return await liveTask(root, deadline)
    const self = await readSelf()
    const google = openGoogle()
    await performAttempt(self, google, root, deadline).catch(surrender)
    await deleteSelf(google, self)
  } catch (error) {
    // Who the machine is cannot be known: nothing of it can be deleted from here.
    say(`cannot work: ${(error as Error).message}`)
  } finally {
    deadline.clear()
  }
}

/**
 * A task of a job: its machine is Batch's, and does the next task. An exit code other than 0 tells Batch that there is no
 * result; of one that is recorded, whatever it says, nothing is to be tried or stopped on its account.
 */
async function liveTask(root: string, deadline: Deadline): Promise<void> {
  process.exitCode = 1
  try {
    await performTask(openGoogle(), root, deadline)
    process.exitCode = 0
  } finally {
    await rm(root, { recursive: true, force: true })
  }
}

async function surrender(error: Error): Promise<void> {
  console.error(error)
  say(`cannot work: ${error.message}`)
  await sleep(readingMs)
}
