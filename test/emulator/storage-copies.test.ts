import { expect, test } from 'vitest'
import { type Calls, openLake, pathOf } from './storage-calls.ts'

function compose(calls: Calls, name: string, sourceObjects: readonly object[], query = '') {
  const body = JSON.stringify({ sourceObjects, destination: { contentType: 'text/csv' } })
  return calls.send('POST', `${pathOf(name)}/compose${query}`, { body })
}

test.each(['copyTo', 'rewriteTo'])(
  '%s: the same bytes under another name, with their attributes',
  async (verb) => {
    await using lake = await openLake()
    const source = (await lake.put('a/b', 'bytes', '&contentEncoding=identity')).json
    await lake.send('POST', '/storage/v1/b', { body: '{"name":"sea"}' })

    const { json } = await lake.send('POST', `${pathOf('a/b')}/${verb}/b/sea/o/c%2Fd`)
    const copy = verb === 'copyTo' ? json : json.resource
    expect(copy).toMatchObject({
      bucket: 'sea',
      name: 'c/d',
      crc32c: source.crc32c,
      contentEncoding: 'identity',
      metageneration: '1',
    })
    if (verb === 'rewriteTo') {
      expect(json).toMatchObject({
        kind: 'storage#rewriteResponse',
        done: true,
        objectSize: '5',
        totalBytesRewritten: '5',
      })
    }
    await lake.send('DELETE', pathOf('a/b'))
    expect((await lake.send('GET', '/storage/v1/b/sea/o/c%2Fd?alt=media')).text).toBe('bytes')
  },
)

test('a copy over itself is a new generation, with the attributes sent along', async () => {
  await using lake = await openLake()
  const { generation } = (await lake.put('a', 'bytes', '&contentEncoding=identity')).json
  const body = JSON.stringify({ contentType: 'text/csv' })

  const { json } = await lake.send('POST', `${pathOf('a')}/copyTo/b/lake/o/a`, { body })
  expect(Number(json.generation)).toBeGreaterThan(Number(generation))
  expect(json).toMatchObject({ contentType: 'text/csv', size: '5' })
  expect(json).not.toHaveProperty('contentEncoding')
  expect((await lake.read('a')).text).toBe('bytes')
})

test.each([
  ['ifGenerationMatch=0', 412],
  ['ifSourceGenerationMatch=1', 412],
  ['ifSourceMetagenerationNotMatch=1', 412],
  ['sourceGeneration=1', 404],
  ['ifSourceMetagenerationMatch=1', 200],
])('a copy onto an object with %s: %i', async (query, status) => {
  await using lake = await openLake()
  await lake.put('a', 'bytes')
  await lake.put('b', 'theirs')
  expect((await lake.send('POST', `${pathOf('a')}/rewriteTo/b/lake/o/b?${query}`)).status).toBe(status)
  expect((await lake.read('b')).text).toBe(status === 200 ? 'bytes' : 'theirs')
})

test('compose: objects of one bucket, in order, without an MD5', async () => {
  await using lake = await openLake()
  await lake.put('1', 'x'.repeat(1_500_000))
  await lake.put('2', '')
  await lake.put('3', 'end')
  const whole = (await lake.put('whole', `end${'x'.repeat(1_500_000)}`)).json

  const { json } = await compose(lake, 'sum', [{ name: '3' }, { name: '2' }, { name: '1' }])
  expect(json).toMatchObject({
    componentCount: 3,
    size: '1500003',
    crc32c: whole.crc32c,
    contentType: 'text/csv',
  })
  expect(json).not.toHaveProperty('md5Hash')
  expect((await lake.read('sum')).headers.get('x-goog-hash')).toBe(`crc32c=${whole.crc32c}`)
  const again = await compose(lake, 'sum', [{ name: 'sum' }, { name: '3' }])
  expect(again.json).toMatchObject({ componentCount: 4, size: '1500006' })
})

test('compose: its conditions, and those of its sources', async () => {
  await using lake = await openLake()
  const { generation } = (await lake.put('a', 'x')).json

  expect((await compose(lake, 'a', [{ name: 'a' }], '?ifGenerationMatch=0')).status).toBe(412)
  expect(
    (await compose(lake, 'b', [{ name: 'a', objectPreconditions: { ifGenerationMatch: '1' } }])).status,
  ).toBe(412)
  expect((await compose(lake, 'b', [{ name: 'a', generation: '1' }])).status).toBe(404)
  expect(
    (await compose(lake, 'b', [{ name: 'a', objectPreconditions: { ifGenerationMatch: generation } }]))
      .status,
  ).toBe(200)
})

test('compose: one to thirty-two sources', async () => {
  await using lake = await openLake()
  await lake.put('a', 'x')
  const sources = (count: number) => Array.from({ length: count }, () => ({ name: 'a' }))

  expect((await compose(lake, 'b', sources(0))).json.error.message).toBe(
    'You must provide at least one source component.',
  )
  expect((await compose(lake, 'b', sources(33))).json.error.message).toBe(
    'The number of source components provided (33) exceeds the maximum (32)',
  )
  expect((await compose(lake, 'b', sources(32))).json.size).toBe('32')
})
