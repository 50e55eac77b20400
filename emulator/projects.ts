import type { Call, Route } from './http.ts'
import { route } from './routing.ts'

// What is asked of a project itself, at Resource Manager, Service Usage and IAM.

export interface ProjectState {
  /** Whether the caller has a permission, in every project and on every service account. */
  isAllowed(permission: string): boolean
  /** APIs that are off, such as `compute.googleapis.com`; every other one is on. */
  readonly disabled: ReadonlySet<string>
}

/**
 * projects.testIamPermissions (https://cloud.google.com/resource-manager/reference/rest/v1/projects/testIamPermissions),
 * its like for service accounts, and whether APIs are enabled. Every project is there, and so is every service account.
 */
export function projectRoutes({ isAllowed, disabled }: ProjectState): Route[] {
  const test = async ({ json }: Call) => {
    const { permissions = [] } = await json<{ permissions?: readonly string[] }>()
    const held = permissions.filter(isAllowed)
    return { json: held.length > 0 ? { permissions: held } : {} }
  }
  return [
    route(
      'cloudresourcemanager.projects.testIamPermissions',
      'POST',
      '/v1/projects/{project}:testIamPermissions',
      test,
    ),
    route(
      'iam.serviceAccounts.testIamPermissions',
      'POST',
      '/v1/projects/{project}/serviceAccounts/{account}:testIamPermissions',
      test,
    ),
    // https://cloud.google.com/service-usage/docs/reference/rest/v1/services/batchGet
    route(
      'serviceusage.services.batchGet',
      'GET',
      '/v1/projects/{project}/services:batchGet',
      ({ params, query }) => {
        const names = query.getAll('names').map((name) => name.split('/').at(-1) ?? '')
        return { json: { services: names.map((name) => showService(params.project, name, disabled)) } }
      },
    ),
    route('serviceusage.services.get', 'GET', '/v1/projects/{project}/services/{service}', ({ params }) => ({
      json: showService(params.project, params.service, disabled),
    })),
  ]
}

function showService(project: string, name: string, disabled: ReadonlySet<string>): object {
  const state = disabled.has(name) ? 'DISABLED' : 'ENABLED'
  return {
    name: `projects/${project}/services/${name}`,
    parent: `projects/${project}`,
    config: { name },
    state,
  }
}
