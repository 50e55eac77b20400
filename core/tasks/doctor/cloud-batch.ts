import { taskLimits } from '../../batch/task-keys.ts'
import { chooseType, listRegions } from './batch.ts'
import { type Check, findLacking, look } from './check.ts'
import { judgeQuota } from './quota.ts'
import { agentReporter, enable, grantInProject, jobs, logWriter, nameMember } from './roles.ts'
import type { Visit } from './visit.ts'

const services = ['batch.googleapis.com', 'logging.googleapis.com']

/** What a batch with engine: cloud-batch needs beside what any batch does. */
export async function checkCloudBatch(visit: Visit): Promise<readonly Check[]> {
  if (visit.file?.batch.engine !== 'cloud-batch') return []
  const checks = [checkServices(visit), checkJobs(visit), checkRoom(visit), describeAgent(visit)]
  return (await Promise.all(checks)).flat()
}

function checkServices({ ask, survey }: Visit): Promise<readonly Check[]> {
  return look('Batch', async () => {
    const off = findLacking(services, await survey.enabledServices(services))
    if (off.length === 0) return { status: 'ok', says: `${services.join(', ')} are enabled` }
    return off.map((service) => ({
      status: 'missing' as const,
      says: `${service} is not enabled, and the batch file says engine: cloud-batch`,
      fix: [enable(service, ask.project)],
    }))
  })
}

function checkJobs({ ask, survey, member }: Visit): Promise<readonly Check[]> {
  const { what, role, permissions } = jobs
  return look('jobs', async () => {
    const lacking = findLacking(permissions, await survey.heldInProject(permissions))
    if (lacking.length === 0) return { status: 'ok', says: `the caller may ${what}` }
    const fix = [grantInProject(ask.project, member, role)]
    return { status: 'missing', role: true, says: `the caller lacks ${lacking.join(', ')}`, fix }
  })
}

/** Whether all machines that may be there at once have room. Those that have none wait, which is no fault. */
async function checkRoom(visit: Visit): Promise<readonly Check[]> {
  const { ask, file, survey, types } = visit
  const { count, rows, parallelism = taskLimits.parallelism } = file?.batch.tasks ?? {}
  const atOnce = Math.min(rows?.length ?? count ?? taskLimits.count, parallelism)
  const regions = listRegions(visit).map(([region, zone]) =>
    look(`${atOnce} machines in ${region}`, async () => {
      const machine = chooseType(await types(zone), visit)
      if (machine === undefined || atOnce === 1) return []
      const all = { ...machine, cpus: machine.cpus * atOnce }
      const spot = file?.batch.machine.spot === true
      const found = judgeQuota(await survey.quotas(region), {
        machine: all,
        spot,
        region,
        project: ask.project,
      })
      if (found.status !== 'missing') return found
      return {
        ...found,
        status: 'warning',
        says: `${found.says}: the tasks that find no room wait for those that have`,
      }
    }),
  )
  return (await Promise.all(regions)).flat()
}

/** Nobody but the machine's own account can prove what it may do, and no list tells what an image has in it. */
function describeAgent({ ask, file, project }: Visit): Promise<readonly Check[]> {
  return look("Batch's agent", async () => {
    const chosen = ask.serviceAccount ?? file?.batch.machine.serviceAccount
    const email = chosen ?? (await project()).defaultServiceAccount
    if (email === undefined) return []
    const roles = [agentReporter, logWriter].map(({ role }) => role)
    return {
      status: 'unknown',
      open: true,
      says: `${email} needs ${roles.join(' and ')}, and the image a base that Google keeps current: one of long ago has an agent that Batch no longer takes. A run of one task proves both`,
      fix: roles.map((role) => grantInProject(ask.project, nameMember(email), role)),
    }
  })
}
