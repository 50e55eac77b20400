import type { Session } from '../../task.ts'
import { gatherFacts, type Wishes } from './facts.ts'
import type { Telling } from './news.ts'
import type { Outcome } from './outcome.ts'
import { planRun } from './plan.ts'
import { runOnce } from './task.ts'

/** A batch that is part of another task's work. */
export interface InnerBatch extends Pick<Wishes, 'project' | 'bucket' | 'image'> {
  /** A batch file of the caller's, or a batch of Mayfly's own with the name that messages have for it. */
  readonly batch: string | { readonly name: string; readonly document: object }
  readonly key: string
  readonly retry: boolean
  readonly telling?: Omit<Telling, 'bucket'>
}

/** Runs a batch as `run-batch` runs any, to its end. Its outputs are not the caller's. */
export async function runInnerBatch(inner: InnerBatch, session: Session): Promise<Outcome> {
  const { batch, project, bucket, image, key, retry, telling } = inner
  const own = typeof batch === 'string' ? undefined : batch
  const files = {
    // JSON is YAML.
    read: (path: string) =>
      path === own?.name ? Promise.resolve(JSON.stringify(own.document)) : session.world.files.read(path),
  }
  const lent: Session = {
    ...session,
    setOutput: () => undefined,
    world: { ...session.world, files },
  }
  const asked = {
    project,
    bucket,
    batch: own?.name ?? (batch as string),
    ...(image !== undefined && { image }),
    params: {},
    code: undefined,
    key,
  }
  const facts = await gatherFacts(asked, lent)
  const { list } = facts.inputs
  const plan = { project, bucket, wait: true, retry, run: planRun(facts), ...(list && { inputs: list }) }
  return runOnce.run({ ...plan, ...telling }, lent)
}
