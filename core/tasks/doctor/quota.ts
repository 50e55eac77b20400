import type { MachineType, Quota } from '../../world.ts'
import { chooseType, listRegions } from './batch.ts'
import { type Check, look } from './check.ts'
import type { Visit } from './visit.ts'

type Finding = Omit<Check, 'name'>

/** Whether there is quota for the machine, or for any where none is known, in every region of the zones. */
export async function checkQuotas(visit: Visit): Promise<readonly Check[]> {
  return (await Promise.all(listRegions(visit).map((place) => checkRegion(place, visit)))).flat()
}

function checkRegion([region, zone]: readonly [string, string], visit: Visit): Promise<readonly Check[]> {
  const { ask, survey, types, project, file } = visit
  return look(`CPUs in ${region}`, async () => {
    const [quotas, { quotas: global }, offered] = await Promise.all([
      survey.quotas(region),
      project(),
      file === undefined ? [] : types(zone),
    ])
    const machine = chooseType(offered, visit)
    const spot = file?.batch.machine.spot === true
    return judgeQuota([...quotas, ...global], { machine, spot, region, project: ask.project })
  })
}

interface Want {
  readonly machine: Pick<MachineType, 'name' | 'cpus'> | undefined
  readonly spot: boolean
  readonly region: string
  readonly project: string
}

// Families that are counted together (https://cloud.google.com/compute/resource-usage#cpu_quota).
const counted = /^(?:e2|n1|f1|g1)$/

/** Whether a machine has room in the quotas: those of its region, and the one for all regions. */
export function judgeQuota(quotas: readonly Quota[], want: Want): Finding {
  const need = want.machine?.cpus ?? 1
  const metrics = [chooseMetric(quotas, want), 'CPUS_ALL_REGIONS']
  const known = quotas.filter(({ metric }) => metrics.includes(metric))
  const short = known.find(({ limit, usage }) => limit >= 0 && limit - usage < need)
  if (short !== undefined) return explainShortage(short, need, want)
  const [first] = known
  if (first === undefined) return { status: 'unknown', says: `Google lists no quota ${metrics[0]}` }
  const free = known.map(({ limit, usage, metric }) => `${limit - usage} of ${limit} ${metric}`).join(', ')
  const wanted = want.machine === undefined ? '' : `, and ${want.machine.name} takes ${need}`
  return { status: 'ok', says: `free: ${free}${wanted}` }
}

/** A family's own quota, where there is one; spot machines have theirs when the project has been given any. */
function chooseMetric(quotas: readonly Quota[], { machine, spot }: Want): string {
  const isListed = (metric: string) => quotas.some((quota) => quota.metric === metric && quota.limit > 0)
  if (spot && isListed('PREEMPTIBLE_CPUS')) return 'PREEMPTIBLE_CPUS'
  const family = machine?.name.split('-')[0] ?? 'e2'
  const own = `${family.toUpperCase()}_CPUS`
  return !counted.test(family) && quotas.some(({ metric }) => metric === own) ? own : 'CPUS'
}

function explainShortage({ metric, limit, usage }: Quota, need: number, want: Want): Finding {
  const { machine, region, project } = want
  const everywhere = metric === 'CPUS_ALL_REGIONS'
  const says = `${machine?.name ?? 'a machine'} takes ${need}, and of ${metric} there are ${limit - usage} left of ${limit}`
  const id = `${metric.replaceAll('_', '-')}-per-project${everywhere ? '' : '-region'}`
  const place = everywhere ? '' : ` --dimensions=region=${region}`
  const command = `gcloud beta quotas preferences create --project=${project} --service=compute.googleapis.com`
  return {
    status: 'missing',
    says,
    fix: [`${command} --quota-id=${id} --preferred-value=${usage + need}${place}`],
  }
}
