import { expect, test } from 'vitest'
import { MayflyError } from '../../core/errors.ts'
import { type Release, readRelease, releaseBlobName, releasePointerName } from '../../core/releases.ts'
import { openDepot } from './tasks/upload-code-depot.ts'

const release: Release = {
  schema: 1,
  name: 'recommender',
  tag: 'release/v1.4.0',
  commit: 'c'.repeat(40),
  digest: `sha256:${'d'.repeat(64)}`,
  size: 10_240,
  compressedSize: 300,
  files: 5,
  repository: 'acme/recommender',
  uploadedAt: '2026-11-24T08:00:00.000Z',
  by: 'terminal ada',
}

test('names the objects of a release', () => {
  expect(releasePointerName('recommender', 'release/v1.4.0')).toBe(
    'code/recommender/tags/release/v1.4.0.json',
  )
  expect(releaseBlobName(release.digest)).toBe(`code/sha256/${'d'.repeat(64)}.tar.gz`)
})

test('reads a release back, and knows when there is none', async () => {
  await using depot = await openDepot()
  const linked = { ...release, link: 'https://ci.example/1' }
  await depot.objects.put('code/recommender/tags/release/v1.4.0.json', JSON.stringify(release))
  await depot.objects.put('code/recommender/tags/v2.json', JSON.stringify(linked))

  expect(await readRelease(depot.objects, 'recommender', 'release/v1.4.0')).toEqual(release)
  expect(await readRelease(depot.objects, 'recommender', 'v2')).toEqual(linked)
  expect(await readRelease(depot.objects, 'recommender', 'v3')).toBeUndefined()
})

test.each([
  ['no JSON', '{"schema": 1,'],
  ['nothing', ''],
  ['another schema', JSON.stringify({ ...release, schema: 2 })],
  ['a field too few', JSON.stringify({ ...release, files: undefined })],
  ['a digest of another kind', JSON.stringify({ ...release, digest: 'd'.repeat(64) })],
  ['a commit that is none', JSON.stringify({ ...release, commit: 'main' })],
])('a pointer with %s is an error that names it', async (_, pointer) => {
  await using depot = await openDepot()
  await depot.objects.put('code/recommender/tags/v1.json', pointer)

  const error = await readRelease(depot.objects, 'recommender', 'v1').catch((thrown: unknown) => thrown)

  expect(error).toBeInstanceOf(MayflyError)
  expect((error as Error).message).toContain('gs://acme-mayfly/code/recommender/tags/v1.json: not a record')
})
