import type { Call, Reply, Route } from '../http.ts'
import { route } from '../routing.ts'
import type { Disks } from './disks.ts'
import type { Images } from './images.ts'
import type { Instances } from './instances.ts'
import { render } from './links.ts'
import type { Machines } from './machines.ts'
import { checkParams } from './names.ts'
import type { BeginOptions, Operation } from './operations.ts'
import type { Requests } from './requests.ts'
import type { State } from './state.ts'
import type { Gate } from './troubles.ts'
import { checkZone } from './zones.ts'

/** What the routes call. */
export interface Api {
  readonly state: State
  readonly requests: Requests
  readonly gate: Gate
  readonly images: Images
  readonly disks: Disks
  readonly instances: Instances
  readonly machines: Machines
}

const base = '/compute/v1/projects/{project}'

/** A method of Compute Engine below a project; the names in its path are checked before it is called. */
export function method<const Path extends string>(
  name: string,
  verb: string,
  path: Path,
  handle: Parameters<typeof route<`${typeof base}${Path}`>>[3],
): Route {
  return route(`compute.${name}`, verb, `${base}${path}`, (call) => {
    checkParams(call.params)
    const zone: string | undefined = (call.params as Readonly<Record<string, string>>).zone
    if (zone !== undefined) checkZone(zone)
    return handle(call)
  })
}

/** A resource as the answer of a call. */
export function reply(call: Pick<Call, 'url'>, resource: object): Reply {
  return { json: render(resource, call.url.origin) }
}

/** The operation of a call as its answer: begun now, or long ago when the call repeats a requestId. */
export function replyOperation(
  { requests }: Api,
  call: Call<'project'>,
  begin: (options: BeginOptions) => Operation,
): Reply {
  return reply(call, requests.once(call.params.project, call.query.get('requestId'), begin))
}
