import { recentObject, runObjects, runPath } from '../../../core/depot.ts'
import type { ResultRecord } from '../../../core/protocol/records.ts'
import { startEmulator } from '../../../emulator/index.ts'
import { openBucket } from '../../adapters/google/bucket.ts'
import { makeRun } from '../protocol/virtual.ts'

const hourMs = 3600_000

/** What a test says of a run; the rest is as it would be. */
export interface Story {
  readonly batch?: string
  readonly id: string
  readonly attempt?: number
  /** Since it was opened. */
  readonly hours: number
  /** Absent: it has no result. */
  readonly state?: ResultRecord['state']
  /** Bytes of its output `model`; absent: it stored none. */
  readonly bytes?: number
  readonly logs?: number
  /** Its objects, less those that somebody deleted or that were never written. */
  readonly without?: readonly ('attempt' | 'started' | 'model')[]
}

/** A local cloud whose time goes from story to story (the oldest has to come first), and a depot with runs that nobody had to wait for. */
export async function setDepot() {
  const time = Date.UTC(2026, 10, 30)
  let now = time - 1000 * hourMs
  const google = await startEmulator({ now: () => now })
  await fetch(`${google.url}/storage/v1/b?project=acme`, { method: 'POST', body: '{"name":"acme"}' })
  const objects = openBucket(google.url)
  return {
    google,
    objects,
    time,
    async add(story: Story): Promise<string> {
      const { batch = 'train', id, attempt = 1, hours, state, bytes, logs = 0, without = [] } = story
      const run = runPath(batch, id)
      const outputs = [{ path: 'model/', name: 'model', when: 'success' as const, where: '' }]
      const place = `${runObjects.outputs(run, attempt)}/model/`
      const stored = { name: 'model', path: 'model/', uri: `gs://acme/${place}`, files: 1 }
      const result: Omit<ResultRecord, 'state'> = {
        schema: 1,
        nonce: '',
        by: 'machine',
        exitCode: state === 'succeeded' ? 0 : 3,
        message: `It ${state}.`,
        began: true,
        steps: [],
        phases: [],
        outputs: bytes === undefined ? [] : [{ ...stored, bytes }],
      }
      const parts: readonly (readonly [name: string, body: object | string, part?: string])[] = [
        [recentObject(batch, id, attempt, time - hours * hourMs), ''],
        [runObjects.run(run), makeRun({ id, batch, outputs, by: 'github ada' })],
        [runObjects.attempt(run, attempt), {}, 'attempt'],
        [runObjects.started(run, attempt), {}, 'started'],
        ...Array.from({ length: logs }, (_, at) => [runObjects.log(run, attempt, at + 1), '{}'] as const),
        ...(bytes === undefined ? [] : [[`${place}w`, '', 'model'] as const]),
        ...(state === undefined ? [] : [[runObjects.result(run, attempt), { ...result, state }] as const]),
      ]
      now = time - hours * hourMs
      const written = parts.filter(([, , part = '']) => !(without as readonly string[]).includes(part))
      await Promise.all(
        written.map(([name, body]) =>
          objects.create(name, typeof body === 'string' ? body : JSON.stringify(body)),
        ),
      )
      return run
    },
    [Symbol.asyncDispose]: () => google[Symbol.asyncDispose](),
  }
}
