import { attempt } from '../adapters/google/cloud-errors.ts'
import { CloudError } from '../core/errors.ts'
import { say } from './console.ts'
import type { Google } from './google.ts'
import type { Self } from './metadata.ts'

/**
 * Deletes the machine that the agent runs on, by its id: another one that has been given its name meanwhile stays. Where
 * that is refused, the controller and Compute Engine's own deadline remain.
 */
export async function deleteSelf({ compute, transport }: Google, self: Self): Promise<void> {
  const { project, zone, instanceId, name } = self
  const wish = { method: 'compute.instances.delete', about: `instance ${name} in ${zone}` }
  const url = `${compute}/compute/v1/projects/${project}/zones/${zone}/instances/${instanceId}`
  try {
    await attempt(wish, () => transport.send({ http: 'DELETE', url }))
  } catch (error) {
    if (error instanceof CloudError && error.failure === 'not-found') return
    say(`the machine did not delete itself: ${(error as Error).message}`)
  }
}
