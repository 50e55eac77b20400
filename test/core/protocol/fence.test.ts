import { expect, test } from 'vitest'
import { enterFence } from '../../../core/protocol/fence.ts'
import { sealAttempt } from '../../../core/protocol/seal.ts'
import { openVirtualObjects, VirtualClock } from './virtual.ts'

const path = 'runs/test/r'
const first = { instanceId: '101', zone: 'us-central1-a' }
const second = { instanceId: '102', zone: 'us-central1-a' }

test('the first machine enters, and is told when on Google’s clock', async () => {
  const clock = new VirtualClock()
  const objects = openVirtualObjects(clock)
  expect(await enterFence(objects, path, 1, first)).toEqual({ is: 'enter', created: clock.now() })
  expect(JSON.parse(new TextDecoder().decode(objects.store.get(`${path}/a1/started.json`)))).toMatchObject({
    schema: 1,
    by: 'machine',
    ...first,
  })
})

test('another machine, of the same name for all it knows, stays out', async () => {
  const objects = openVirtualObjects(new VirtualClock())
  await enterFence(objects, path, 1, first)
  expect(await enterFence(objects, path, 1, second)).toMatchObject({
    is: 'theirs',
    by: { by: 'machine', instanceId: '101' },
  })
  expect(await enterFence(objects, path, 2, second)).toMatchObject({ is: 'enter' })
})

test('the same machine at its second boot is told so', async () => {
  const objects = openVirtualObjects(new VirtualClock())
  await enterFence(objects, path, 1, first)
  expect(await enterFence(objects, path, 1, first)).toEqual({ is: 'rebooted' })
})

test('a machine that comes after its controller gave up stays out', async () => {
  const objects = openVirtualObjects(new VirtualClock())
  await sealAttempt(objects, path, 1, { state: 'lost', exitCode: 75, message: 'It did not boot.' })
  expect(await enterFence(objects, path, 1, first)).toMatchObject({ is: 'theirs', by: { by: 'controller' } })
})

test('a machine whose answer was lost finds its own record', async () => {
  const objects = openVirtualObjects(new VirtualClock())
  const lossy = {
    ...objects,
    create: async (...args: Parameters<typeof objects.create>) => {
      await objects.create(...args)
      return 'exists' as const
    },
  }
  expect(await enterFence(lossy, path, 1, first)).toMatchObject({ is: 'enter' })
})
