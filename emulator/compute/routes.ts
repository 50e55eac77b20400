import type { Route } from '../http.ts'
import type { Api } from './api.ts'
import { batchRoutes } from './batch.ts'
import { diskRoutes } from './disk-routes.ts'
import { imageRoutes } from './image-routes.ts'
import { instanceRoutes } from './instance-routes.ts'
import { operationRoutes } from './operation-routes.ts'
import { projectRoutes } from './project-routes.ts'

/** Compute Engine v1. https://cloud.google.com/compute/docs/reference/rest/v1 */
export function computeRoutes(api: Api): Route[] {
  return [
    ...projectRoutes(api),
    ...operationRoutes(api),
    ...imageRoutes(api),
    ...diskRoutes(api),
    ...instanceRoutes(api),
    ...batchRoutes(),
  ]
}
