import type { Board } from '../../cloud-batch/board.ts'
import { findLocation } from '../../cloud-batch/compile.ts'
import { isJobOver } from '../../cloud-batch/remove-job.ts'
import type { Attempt } from '../../protocol/attempts.ts'
import type { Claim } from '../../protocol/claim.ts'
import type { Objects, World } from '../../world.ts'
import type { Attendance } from '../run-batch/attend.ts'
import { readBoard } from '../run-batch/attend-job.ts'

/** How an attempt that is a job stands. */
export async function lookAtJob(
  world: World,
  project: string,
  objects: Objects,
  claim: Claim,
  attempt: Attempt,
): Promise<Attendance> {
  const { result } = attempt
  const [jobs, fleet] = await Promise.all([world.batchJobs(project), world.fleet(project)])
  const [job, machines, board] = await Promise.all([
    jobs.job(findLocation(claim.run), attempt.record.instance),
    fleet.instances('mayfly-run', claim.run.id),
    result ? undefined : readBoard({ objects }, claim, attempt),
  ])
  const [left] = machines.items
  const isGone = left === undefined && (job === undefined || isJobOver(job.state))
  const machine = { name: left?.name ?? attempt.record.instance, zone: left?.zone ?? '' }
  return {
    attempt,
    ...(result && {
      result,
      departure: isGone
        ? { gone: true, verified: world.clock.now() }
        : { gone: false, machine, why: 'it is still there' },
    }),
    ...(board && { figures: describe(board) }),
    before: [],
    after: [],
  }
}

function describe({ count, succeeded, failed, open }: Board): string {
  return `${succeeded + failed} of ${count} tasks done, ${failed} failed, ${open} to go`
}
