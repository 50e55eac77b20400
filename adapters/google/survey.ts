import type { BucketRecord, Quota, Survey } from '../../core/world.ts'
import { readAccount } from './account.ts'
import { attempt, type Wish } from './cloud-errors.ts'
import { type Endpoints, findEndpoint } from './endpoints.ts'
import type { Tokens } from './tokens.ts'
import { openTransport, readJson } from './transport.ts'

export interface SurveyOptions {
  readonly env: (name: string) => string | undefined
  readonly endpoints: Endpoints
  readonly tokens: Tokens
  readonly userAgent: string
}

/**
 * Opens a look at a project. Plain calls: Google's clients for these APIs would make every bundle larger by megabytes.
 * Whoever looks does not wait for minutes either.
 */
export function openSurvey(project: string, { env, endpoints, tokens, userAgent }: SurveyOptions): Survey {
  const { compute, storage } = endpoints
  const retry = { baseMs: 250, capMs: 2_000, budgetMs: 8_000 }
  const transport = openTransport({ tokens, userAgent, deadlineMs: 10_000, retry })
  const at = (api: string) => findEndpoint(endpoints, api)

  async function read<Answer>(wish: Wish, url: string, body?: unknown): Promise<Answer> {
    const call =
      body === undefined
        ? { http: 'GET', url }
        : {
            http: 'POST',
            url,
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify(body),
            repeatable: true,
          }
    return readJson(await attempt(wish, () => transport.send(call)))
  }

  async function test(wish: Wish, url: string, permissions?: readonly string[]): Promise<readonly string[]> {
    const answer = await read<{ permissions?: string[] }>(wish, url, permissions && { permissions })
    return answer.permissions ?? []
  }

  const about = `project ${project}`
  const ofCompute = `${compute}/compute/v1/projects/${project}`
  return {
    account: () => readAccount({ env, tokens, userAgent, oauth: at('oauth2') }),
    async enabledServices(names) {
      const query = names.map((name) => `names=projects/${project}/services/${name}`).join('&')
      const { services = [] } = await read<{ services?: ServiceView[] }>(
        { method: 'serviceusage.services.batchGet', about },
        `${at('serviceusage')}/v1/projects/${project}/services:batchGet?${query}`,
      )
      return services.filter(({ state }) => state === 'ENABLED').map(({ config }) => config.name)
    },
    async project() {
      const { defaultServiceAccount, quotas = [] } = await read<ProjectView>(
        { method: 'compute.projects.get', about },
        ofCompute,
      )
      return { ...(defaultServiceAccount && { defaultServiceAccount }), quotas }
    },
    async quotas(region) {
      const wish = { method: 'compute.regions.get', about: `region ${region} of ${about}` }
      return (await read<{ quotas?: Quota[] }>(wish, `${ofCompute}/regions/${region}`)).quotas ?? []
    },
    async bucket(name) {
      const wish = { method: 'storage.buckets.get', about: `gs://${name}` }
      return toBucket(await read<BucketView>(wish, `${storage}/storage/v1/b/${encodeURIComponent(name)}`))
    },
    heldInProject: (permissions) =>
      test(
        { method: 'cloudresourcemanager.projects.testIamPermissions', about },
        `${at('cloudresourcemanager')}/v1/projects/${project}:testIamPermissions`,
        permissions,
      ),
    heldOnBucket: (name, permissions) =>
      test(
        { method: 'storage.buckets.testIamPermissions', about: `gs://${name}` },
        `${storage}/storage/v1/b/${encodeURIComponent(name)}/iam/testPermissions?${permissions
          .map((permission) => `permissions=${permission}`)
          .join('&')}`,
      ),
    heldOnServiceAccount: (email, permissions) =>
      test(
        { method: 'iam.serviceAccounts.testIamPermissions', about: `service account ${email}` },
        `${at('iam')}/v1/projects/-/serviceAccounts/${encodeURIComponent(email)}:testIamPermissions`,
        permissions,
      ),
  }
}

interface ServiceView {
  readonly config: { readonly name: string }
  readonly state: string
}

interface ProjectView {
  readonly defaultServiceAccount?: string
  readonly quotas?: readonly Quota[]
}

/** https://cloud.google.com/storage/docs/json_api/v1/buckets#resource */
interface BucketView {
  readonly location?: string
  readonly iamConfiguration?: { readonly uniformBucketLevelAccess?: { readonly enabled?: boolean } }
  readonly softDeletePolicy?: { readonly retentionDurationSeconds?: string }
  readonly retentionPolicy?: { readonly retentionPeriod?: string }
  readonly defaultEventBasedHold?: boolean
  readonly lifecycle?: { readonly rule?: readonly { readonly action?: { readonly type?: string } }[] }
  readonly billing?: { readonly requesterPays?: boolean }
}

function toBucket(view: BucketView): BucketRecord {
  return {
    location: view.location ?? '',
    uniformAccess: view.iamConfiguration?.uniformBucketLevelAccess?.enabled ?? false,
    softDeleteSeconds: Number(view.softDeletePolicy?.retentionDurationSeconds ?? 0),
    retentionSeconds: Number(view.retentionPolicy?.retentionPeriod ?? 0),
    holds: view.defaultEventBasedHold ?? false,
    expires: view.lifecycle?.rule?.some(({ action }) => action?.type === 'Delete') ?? false,
    requesterPays: view.billing?.requesterPays ?? false,
  }
}
