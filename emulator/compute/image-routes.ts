import type { Route } from '../http.ts'
import { type Api, method, reply, replyOperation } from './api.ts'
import type { Deprecation, ImageBody } from './image.ts'
import type { LabelsBody } from './labels.ts'
import { replyList } from './pages.ts'

export function imageRoutes(api: Api): Route[] {
  const { gate, images } = api
  const linkOf = (project: string, image = '') => `projects/${project}/global/images/${image}`
  return [
    method('images.list', 'GET', '/global/images', (call) => {
      const { project } = call.params
      gate.check('compute.images.list', `projects/${project}`)
      return replyList(call, 'image', `projects/${project}/global/images`, images.list(project))
    }),
    method('images.getFromFamily', 'GET', '/global/images/family/{family}', (call) => {
      const { project, family } = call.params
      gate.check('compute.images.getFromFamily', linkOf(project, `family/${family}`))
      return reply(call, images.getFromFamily(project, family))
    }),
    method('images.get', 'GET', '/global/images/{image}', (call) => {
      const { project, image } = call.params
      gate.check('compute.images.get', linkOf(project, image))
      return reply(call, images.get(project, image))
    }),
    method('images.insert', 'POST', '/global/images', async (call) => {
      const { project } = call.params
      const body = await call.json<ImageBody>()
      gate.check('compute.images.create', linkOf(project, body.name))
      const force = call.query.get('forceCreate') === 'true'
      return replyOperation(api, call, (options) => images.insert(project, body, force, options))
    }),
    method('images.delete', 'DELETE', '/global/images/{image}', (call) => {
      const { project, image } = call.params
      gate.check('compute.images.delete', linkOf(project, image))
      return replyOperation(api, call, (options) => images.delete(project, image, options))
    }),
    method('images.patch', 'PATCH', '/global/images/{image}', async (call) => {
      const { project, image } = call.params
      const body = await call.json<ImageBody>()
      gate.check('compute.images.update', linkOf(project, image))
      return replyOperation(api, call, (options) => images.patch(project, image, body, options))
    }),
    method('images.deprecate', 'POST', '/global/images/{image}/deprecate', async (call) => {
      const { project, image } = call.params
      const body = await call.json<Deprecation>()
      gate.check('compute.images.deprecate', linkOf(project, image))
      return replyOperation(api, call, (options) => images.deprecate(project, image, body, options))
    }),
    method('images.setLabels', 'POST', '/global/images/{image}/setLabels', async (call) => {
      const { project, image } = call.params
      const body = await call.json<LabelsBody>()
      gate.check('compute.images.setLabels', linkOf(project, image))
      return replyOperation(api, call, (options) => images.setLabels(project, image, body, options))
    }),
  ]
}
