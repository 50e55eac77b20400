import type { Route } from '../http.ts'
import { route } from '../routing.ts'
import type { Compute } from './compute.ts'
import type { Failure, Quota, Stockout } from './troubles.ts'

/** What a test does to the Compute Engine of another process: `POST /_mayfly/compute` takes a list of these. */
export type ComputeControl =
  | ({ readonly do: 'stockout'; readonly zone: string } & Stockout)
  | ({ readonly do: 'quota'; readonly metric: string } & Quota)
  | { readonly do: 'deny'; readonly permission: string }
  | { readonly do: 'unreachable'; readonly zone: string }
  | { readonly do: 'relieve' }
  | ({ readonly do: 'fail'; readonly type: string } & Failure)
  | { readonly do: 'silence'; readonly times?: number }
  | { readonly do: 'preempt' | 'hostError' | 'reboot'; readonly instance: string }

/** `GET` on the same path gives `{ instances, disks, contents }`, to end a test with "no machine left". */
export function controlRoutes(compute: Omit<Compute, 'routes'>): Route[] {
  return [
    route('mayfly.compute.get', 'GET', '/_mayfly/compute', () => ({
      json: {
        instances: compute.instances(),
        disks: compute.disks(),
        contents: compute.hasContents,
      },
    })),
    route('mayfly.compute', 'POST', '/_mayfly/compute', async (call) => {
      for (const control of await call.json<readonly ComputeControl[]>()) apply(compute, control)
      return {}
    }),
  ]
}

function apply(compute: Omit<Compute, 'routes'>, control: ComputeControl): void {
  if (control.do === 'stockout') compute.stockout(control.zone, control)
  else if (control.do === 'quota') compute.quota(control.metric, control)
  else if (control.do === 'deny') compute.deny(control.permission)
  else if (control.do === 'unreachable') compute.unreachable(control.zone)
  else if (control.do === 'fail') compute.fail(control.type, control)
  else if (control.do === 'silence') compute.silence(control.times)
  else if (control.do === 'relieve') compute.relieve()
  else compute[control.do](control.instance)
}
