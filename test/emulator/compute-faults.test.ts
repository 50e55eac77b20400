import { expect, test } from 'vitest'
import type { ComputeControl } from '../../emulator/compute/control.ts'
import { startEmulator } from '../../emulator/index.ts'
import { machine, openCalls, until, zone } from './compute-calls.ts'

const instances = `/${zone}/instances`

/** A local Compute Engine, and what is done to it from another process. */
async function openFaulty() {
  const emulator = await startEmulator()
  const calls = openCalls(emulator.url)
  return {
    emulator,
    ...calls,
    async control(...controls: readonly ComputeControl[]) {
      const body = JSON.stringify(controls)
      await fetch(`${emulator.url}/_mayfly/compute`, { method: 'POST', body })
    },
    insert: async (script?: string) => calls.done(await calls.post(instances, machine('vm', script))),
    serial: async () => String((await calls.send('GET', `${instances}/vm/serialPort`)).json.contents ?? ''),
    [Symbol.asyncDispose]: () => emulator[Symbol.asyncDispose](),
  }
}

test('fail: an insert is done, with an error, and there is no machine', async () => {
  await using faulty = await openFaulty()
  await faulty.control({ do: 'fail', type: 'insert', code: 'RESOURCE_OPERATION_RATE_EXCEEDED', status: 429 })

  expect(await faulty.insert()).toMatchObject({
    status: 'DONE',
    httpErrorStatusCode: 429,
    error: { errors: [{ code: 'RESOURCE_OPERATION_RATE_EXCEEDED' }] },
  })
  expect([faulty.emulator.compute.instances(), faulty.emulator.compute.disks()]).toEqual([[], []])
  expect(await faulty.insert()).not.toHaveProperty('error')
})

test('fail: a delete is done, with an error, and the machine stays', async () => {
  await using faulty = await openFaulty()
  await faulty.insert()
  await faulty.control({ do: 'fail', type: 'delete', code: 'INTERNAL_ERROR' })

  const remove = async () => faulty.done(await faulty.send('DELETE', `${instances}/vm`))
  expect(await remove()).toMatchObject({ status: 'DONE', error: { errors: [{ code: 'INTERNAL_ERROR' }] } })
  expect(faulty.emulator.compute.instances()).toMatchObject([{ name: 'vm', status: 'RUNNING' }])
  await remove()
  expect(faulty.emulator.compute.instances()).toEqual([])
})

test('silence: a machine boots, and its script never begins', async () => {
  await using faulty = await openFaulty()
  await faulty.control({ do: 'silence' })
  await faulty.insert('echo here')
  await until(async () => (await faulty.serial()).includes('No startup scripts to run'))
  expect(await faulty.serial()).not.toContain('here')

  await faulty.control({ do: 'reboot', instance: 'vm' })
  await until(async () => (await faulty.serial()).includes('startup-script: here'))
})

test('reboot: the script runs again, on the same disk', async () => {
  await using faulty = await openFaulty()
  await faulty.insert('echo boot >> boots; echo "boots: $(wc -l < boots | tr -d " ")"; sleep 1000')
  await until(async () => (await faulty.serial()).includes('boots: 1'))
  await faulty.control({ do: 'reboot', instance: 'vm' })
  await until(async () => (await faulty.serial()).includes('boots: 2'))
})
