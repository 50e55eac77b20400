import type { Survey } from '../../world.ts'
import { type Check, findLacking, look } from './check.ts'
import { enable, grantInProject, images, machines, type Need } from './roles.ts'
import type { Visit } from './visit.ts'

const storage = 'storage.googleapis.com'
const services = ['compute.googleapis.com', storage]

/** Whether the APIs are enabled. Where Service Usage does not tell, that they answer is proof enough. */
export function checkServices({ ask, survey, project }: Visit): Promise<readonly Check[]> {
  return look('APIs', async () => {
    const enabled = await survey.enabledServices(services).catch(async (error) => {
      await Promise.all([project(), survey.heldOnBucket(ask.bucket, ['storage.objects.get'])]).catch(() => {
        throw error
      })
      return services
    })
    const off = await findSilent(findLacking(services, enabled), ask.bucket, survey)
    if (off.length === 0) return { status: 'ok', says: `${services.join(', ')} are enabled` }
    return off.map((service) => ({
      status: 'missing' as const,
      says: `${service} is not enabled`,
      fix: [enable(service, ask.project)],
    }))
  })
}

/** Cloud Storage has had several names, any of which will do: what answers is on. */
async function findSilent(
  off: readonly string[],
  bucket: string,
  survey: Survey,
): Promise<readonly string[]> {
  if (!off.includes(storage)) return off
  const answers = await survey.heldOnBucket(bucket, ['storage.objects.get']).then(
    () => true,
    () => false,
  )
  return answers ? off.filter((service) => service !== storage) : off
}

/** What the caller may do in the project. */
export async function checkPermissions(visit: Visit): Promise<readonly Check[]> {
  const needs: readonly (readonly [string, Need])[] = [
    ['machines', machines],
    ...(visit.ask.buildImages ? [['images', images] as const] : []),
  ]
  return (await Promise.all(needs.map(([name, need]) => checkNeed(name, need, visit)))).flat()
}

function checkNeed(
  name: string,
  { what, role, permissions }: Need,
  { ask, survey, member }: Visit,
): Promise<readonly Check[]> {
  const { project } = ask
  return look(
    name,
    async () => {
      const lacking = findLacking(permissions, await survey.heldInProject(permissions))
      if (lacking.length === 0) return { status: 'ok', says: `the caller may ${what}` }
      const fix = [grantInProject(project, member, role)]
      return { status: 'missing', role: true, says: `the caller lacks ${lacking.join(', ')}`, fix }
    },
    { disabled: enable('cloudresourcemanager.googleapis.com', project) },
  )
}
