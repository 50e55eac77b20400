import { controlPrefix, type Route } from '../http.ts'
import { route } from '../routing.ts'
import type { Jobs } from './batch.ts'

/** What the agents on VMs ask: not Google's own protocol with its agent, which is not public. */
export function agentRoutes(jobs: Pick<Jobs, 'runOf'>): Route[] {
  const base = `${controlPrefix}batch/{uid}/{vm}` as const
  return [
    route('mayfly.batch.next', 'GET', `${base}/next`, ({ params }) => ({
      body: jobs.runOf(params.uid)?.next(params.vm) ?? 'stop\n',
    })),
    route('mayfly.batch.done', 'GET', `${base}/done/{index}/{code}`, ({ params }) => {
      jobs.runOf(params.uid)?.finish(params.vm, Number(params.index), Number(params.code))
      return { body: 'ok\n' }
    }),
  ]
}
