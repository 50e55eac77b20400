import { expect, test } from 'vitest'
import { lake as lakePath, openLake, pathOf } from './storage-calls.ts'

test('a denied permission is a 403 that names it', async () => {
  await using lake = await openLake()
  lake.emulator.deny({ bucket: 'lake', permission: 'storage.objects.create' })

  const { json } = await lake.put('a', 'x')
  expect(json.error).toMatchObject({ code: 403, errors: [{ reason: 'forbidden' }] })
  expect(json.error.message).toMatch(
    /does not have storage\.objects\.create access to the Google Cloud Storage object\. Permission 'storage\.objects\.create' denied on resource \(or it may not exist\)\.$/,
  )
})

test.each([
  ['storage.objects.create', 'POST', `/upload${lakePath}/o?uploadType=media&name=b`],
  ['storage.objects.create', 'POST', `/upload${lakePath}/o?uploadType=resumable&name=b`],
  ['storage.objects.create', 'POST', `${pathOf('a')}/rewriteTo/b/lake/o/b`],
  ['storage.objects.get', 'POST', `${pathOf('a')}/copyTo/b/lake/o/b`],
  ['storage.objects.get', 'GET', pathOf('a')],
  ['storage.objects.get', 'GET', `${pathOf('a')}?alt=media`],
  ['storage.objects.list', 'GET', `${lakePath}/o`],
  ['storage.objects.update', 'PATCH', pathOf('a')],
  ['storage.objects.delete', 'DELETE', pathOf('a')],
  ['storage.objects.delete', 'POST', `/upload${lakePath}/o?uploadType=media&name=a`],
  ['storage.buckets.get', 'GET', lakePath],
  ['storage.buckets.update', 'PATCH', lakePath],
  ['storage.buckets.delete', 'DELETE', lakePath],
])('without %s, no %s %s', async (permission, method, path) => {
  await using lake = await openLake()
  await lake.put('a', 'x')
  lake.emulator.deny({ bucket: 'lake', permission })

  const { status, text } = await lake.send(method, path)
  expect(status).toBe(403)
  expect(text).toContain(permission)
  expect((await lake.list('')).names ?? []).toEqual(permission === 'storage.objects.list' ? [] : ['a'])
})

test('who may create and not delete makes new objects, and hears of old ones by 412 when asking for that', async () => {
  await using lake = await openLake()
  lake.emulator.deny({ bucket: 'lake', permission: 'storage.objects.delete' })

  expect((await lake.put('a', 'x', '&ifGenerationMatch=0')).status).toBe(200)
  expect((await lake.put('a', 'y', '&ifGenerationMatch=0')).status).toBe(412)
  expect((await lake.put('a', 'y')).status).toBe(403)
})

test('testIamPermissions gives what was asked for and is held', async () => {
  await using lake = await openLake()
  const denials = JSON.stringify([{ bucket: 'lake', permission: 'storage.objects.create' }])
  expect((await lake.send('POST', '/_mayfly/denials', { body: denials })).status).toBe(204)
  const ask = (...permissions: string[]) =>
    lake.send(
      'GET',
      `${lakePath}/iam/testPermissions?${permissions.map((each) => `permissions=${each}`).join('&')}`,
    )

  expect((await ask('storage.objects.get', 'storage.objects.create')).json).toEqual({
    kind: 'storage#testIamPermissionsResponse',
    permissions: ['storage.objects.get'],
  })
  expect((await ask('storage.objects.create')).json).toEqual({ kind: 'storage#testIamPermissionsResponse' })
  expect((await lake.send('GET', '/storage/v1/b/sea/iam/testPermissions')).status).toBe(404)
})
