import { randomBytes } from 'node:crypto'
import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { CancelledError, CloudError, ConflictError, readExitCode } from '../../../core/errors.ts'
import { readRelease } from '../../../core/releases.ts'
import type { Objects } from '../../../core/world.ts'
import type { Fault } from '../../../emulator/faults.ts'
import { type Depot, openDepot } from './upload-code-depot.ts'
import { openCode, upload } from './upload-code-run.ts'

const blobName = /code\/sha256\/[0-9a-f]{64}\.tar\.gz/
const lost: readonly Fault['kind'][] = ['reset-after', 'status-after', 'truncate']
const writes = { blob: 'name=code/sha256/', pointer: 'name=code/recommender/' }

test.each(Object.keys(writes).flatMap((what) => lost.map((kind) => [what, kind] as const)))(
  'a %s whose answer was lost (%s) is our own',
  async (what, kind) => {
    await using code = await openCode()
    await using depot = await openDepot()
    const route = { route: 'storage.objects.insert', match: writes[what as keyof typeof writes] }
    depot.emulator.inject({ ...route, kind, status: 503 } as Fault)

    const { report } = await upload(code, depot)

    expect(report.outputs.already_uploaded).toBe('false')
    expect(Object.keys(await depot.list())).toHaveLength(2)
    const inserts = depot.emulator.requests().filter(({ name }) => name === 'storage.objects.insert')
    expect(inserts).toHaveLength(3)
  },
)

test.each(lost)('a large archive, sent in a session, whose answer was lost (%s) is our own', async (kind) => {
  await using code = await openCode()
  await using depot = await openDepot()
  await code.write('recommender', { 'model.bin': randomBytes(2_000_000).toString('base64') })
  await code.commit('recommender')
  await code.git('recommender', 'tag', 'v2')
  depot.emulator.inject({ route: 'storage.objects.insert', match: 'upload_id=', kind, status: 503 } as Fault)

  const { report } = await upload(code, depot, { tag: 'v2' })

  expect(report.outputs.already_uploaded).toBe('false')
  expect(Object.keys(await depot.list())).toHaveLength(2)
})

test('a write that fails for a while is tried again', async () => {
  await using code = await openCode()
  await using depot = await openDepot()
  depot.emulator.inject({ kind: 'status', status: 503, route: 'storage.objects.insert', times: 2 })
  depot.emulator.inject({ kind: 'reset-before', route: 'storage.objects.get', times: 2 })

  expect((await upload(code, depot)).report.exitCode).toBe(0)
})

test('a missing permission ends the task with its own exit code, and nothing is stored', async () => {
  await using code = await openCode()
  await using depot = await openDepot()
  depot.emulator.inject({ kind: 'status', status: 403, route: 'storage.objects.insert' })

  const error = await upload(code, depot).catch((thrown: unknown) => thrown)

  expect(readExitCode(error)).toBe(77)
  expect(await depot.list()).toEqual({})
})

test('uploads of the same tag at the same time make one archive and one pointer, and all succeed', async () => {
  await using code = await openCode()
  await using depot = await openDepot()

  const uploads = await Promise.all(
    [1, 2, 3, 4].map((job) => upload(code, depot, { context: { link: `https://ci.example/${job}` } })),
  )

  expect(Object.keys(await depot.list())).toHaveLength(2)
  const told = uploads.map(({ report }) => report.outputs.already_uploaded).sort()
  expect(told).toEqual(['false', 'true', 'true', 'true'])
  expect(new Set(uploads.map(({ report }) => report.lines.at(-1))).size).toBe(1)
})

test('of uploads of different commits under one tag exactly one wins', async () => {
  await using code = await openCode()
  await using depot = await openDepot()
  const directories = ['recommender', 'second', 'third']
  for (const directory of directories.slice(1)) {
    await code.git('', 'clone', '-q', 'recommender', directory)
    await code.write(directory, { 'train.py': `print("${directory}")\n` })
    await code.commit(directory)
    await code.git(directory, 'tag', '-f', 'v1.4.0')
  }

  const results = await Promise.allSettled(
    directories.map((directory) => upload(code, depot, { directory, name: 'recommender', tag: 'v1.4.0' })),
  )

  const won = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value.report] : []))
  const refused = results.flatMap((result) =>
    result.status === 'rejected' ? [result.reason as unknown] : [],
  )
  expect(won).toHaveLength(1)
  expect(refused.map(readExitCode)).toEqual([65, 65])
  const release = await readRelease(depot.objects, 'recommender', 'v1.4.0')
  expect(release?.digest).toBe(won[0]?.outputs.digest)
})

/** Uploads, takes the pointer away, and puts other bytes into the archive's place. */
async function replaceArchive(depot: Depot, change: (archive: Uint8Array) => Uint8Array): Promise<string> {
  const [name = ''] = Object.keys(await depot.list()).filter((object) => blobName.test(object))
  await depot.objects.put(name, change((await depot.objects.read(name)) as Uint8Array))
  await remove(depot, 'code/recommender/tags/v1.4.0.json')
  return name
}

async function remove({ emulator, objects }: Depot, name: string): Promise<void> {
  const url = `${emulator.url}/storage/v1/b/${objects.bucket}/o/${encodeURIComponent(name)}`
  expect((await fetch(url, { method: 'DELETE' })).ok).toBe(true)
}

test('an archive that is there and compressed otherwise is taken as it is', async () => {
  await using code = await openCode()
  await using depot = await openDepot()
  const first = await upload(code, depot)
  const name = await replaceArchive(depot, (archive) => gzipSync(gunzipSync(archive), { level: 1 }))
  const { generation, size } = (await depot.objects.stat(name)) ?? {}

  const again = await upload(code, depot)

  expect(again.report.outputs).toEqual(first.report.outputs)
  expect((await depot.list())[name]).toBe(generation)
  expect((await readRelease(depot.objects, 'recommender', 'v1.4.0'))?.compressedSize).toBe(size)
})

const damages: Record<string, (archive: Uint8Array) => Uint8Array> = {
  'with a flipped bit': (archive) => archive.map((byte, at) => (at === 40 ? byte ^ 1 : byte)),
  'cut short': (archive) => archive.subarray(0, -20),
  'with something after its end': (archive) => Buffer.concat([archive, Buffer.from('more')]),
  'of another tar': () => gzipSync('another tar'),
  'that is no gzip file': () => Buffer.from('not compressed'),
  'that is empty': () => Buffer.alloc(0),
}

test.each(Object.keys(damages))(
  'an archive %s in the place of ours is a conflict, and stays',
  async (damage) => {
    await using code = await openCode()
    await using depot = await openDepot()
    await upload(code, depot)
    const name = await replaceArchive(depot, damages[damage] as (archive: Uint8Array) => Uint8Array)
    const before = await depot.list()

    const error = await upload(code, depot).catch((thrown: unknown) => thrown)

    expect(error).toBeInstanceOf(ConflictError)
    expect((error as Error).message).toContain(
      `gs://acme-mayfly/${name} is there already and does not hold the tar`,
    )
    expect(await depot.list()).toEqual(before)
  },
)

test('an archive that cannot be read back for now is no conflict', async () => {
  await using code = await openCode()
  await using depot = await openDepot()
  await upload(code, depot)
  await replaceArchive(depot, (archive) => gzipSync(gunzipSync(archive), { level: 1 }))
  const download = { route: 'storage.objects.get', match: 'sha256.*alt=media' }
  depot.emulator.inject({ kind: 'status', status: 503, times: 10_000, ...download })

  await expect(upload(code, depot)).rejects.toBeInstanceOf(CloudError)
})

test('an archive that was deleted while its pointer was not is stored again, with a warning', async () => {
  await using code = await openCode()
  await using depot = await openDepot()
  const first = await upload(code, depot)
  const [name = ''] = Object.keys(await depot.list()).filter((object) => blobName.test(object))
  await remove(depot, name)

  const again = await upload(code, depot)

  expect(again.warnings).toEqual(['Its archive has been deleted since; storing it again.'])
  expect(again.report.outputs).toEqual({ ...first.report.outputs, already_uploaded: 'true' })
  expect(Object.keys(await depot.list())).toContain(name)
})

/** The bucket, with something to do when a write has had its effect. */
function afterCreate(objects: Objects, act: (name: string) => unknown): Objects {
  return {
    ...objects,
    async create(name, ...write) {
      const created = await objects.create(name, ...write)
      await act(name)
      return created
    },
  }
}

const tampering: Record<string, (depot: Depot, blob: string) => Promise<unknown>> = {
  'has 5 bytes with crc32c': ({ objects }, blob) => objects.put(blob, 'other'),
  'is gone': remove,
}

test.each(Object.keys(tampering))(
  'an archive that somebody changes meanwhile is an error: it %s',
  async (what) => {
    await using code = await openCode()
    await using depot = await openDepot()
    const objects = afterCreate(depot.objects, async (name) => {
      const [blob] = Object.keys(await depot.list()).filter((object) => blobName.test(object))
      if (name !== blob) await tampering[what]?.(depot, blob as string)
    })

    await expect(upload(code, depot, { objects })).rejects.toThrow(
      new RegExp(`now ${what}.*Somebody changes releases`),
    )
  },
)

test('an archive that was there and is deleted before it is looked at is stored after all', async () => {
  await using code = await openCode()
  await using depot = await openDepot()
  await upload(code, depot)
  await remove(depot, 'code/recommender/tags/v1.4.0.json')
  let deleted = 0
  const objects = afterCreate(depot.objects, async (name) => {
    if (blobName.test(name) && deleted++ === 0) await remove(depot, name)
  })

  expect((await upload(code, depot, { objects })).report.outputs.already_uploaded).toBe('false')
  expect(Object.keys(await depot.list())).toHaveLength(2)
})

test('a pointer that somebody deletes meanwhile is an error', async () => {
  await using code = await openCode()
  await using depot = await openDepot()
  const objects = afterCreate(depot.objects, async (name) => {
    if (!blobName.test(name)) await remove(depot, name)
  })

  await expect(upload(code, depot, { objects })).rejects.toThrow(/v1\.4\.0\.json was there a moment ago/)
})

test('a pointer that cannot be read stops the upload', async () => {
  await using code = await openCode()
  await using depot = await openDepot()
  await depot.objects.put('code/recommender/tags/v1.4.0.json', '{}')

  await expect(upload(code, depot)).rejects.toThrow(/tags\/v1\.4\.0\.json: not a record/)
  expect(Object.keys(await depot.list())).toEqual(['code/recommender/tags/v1.4.0.json'])
})

test('a git that is killed in the middle uploads nothing', async () => {
  await using code = await openCode()
  await using depot = await openDepot()
  const { stdout: git } = await execa('sh', ['-c', 'command -v git'])
  const program = `#!/bin/sh\n[ "$1" = archive ] || exec ${git} "$@"\n${git} "$@" | head -c 3000; kill -9 $$\n`
  await code.write('bin', { git: { program } })
  const env = { PATH: `${join(code.path, 'bin')}:${process.env.PATH}` }

  await expect(upload(code, depot, { env })).rejects.toThrow(/signal SIGKILL/)
  expect(await depot.list()).toEqual({})
})

test('an abort after the archive was stored leaves no pointer and no file, and the next try finishes', async () => {
  await using code = await openCode()
  await using depot = await openDepot()
  await mkdir(join(code.path, 'tmp'))
  const env = { TMPDIR: join(code.path, 'tmp') }
  const controller = new AbortController()
  const reason = new CancelledError('SIGTERM')
  const objects = afterCreate(depot.objects, () => controller.abort(reason))

  const aborted = upload(code, depot, { objects, env, signal: controller.signal })

  await expect(aborted).rejects.toBe(reason)
  expect(Object.keys(await depot.list())).toEqual([expect.stringMatching(blobName)])
  expect(await readdir(env.TMPDIR)).toEqual([])

  expect((await upload(code, depot)).report.outputs.already_uploaded).toBe('false')
  expect(Object.keys(await depot.list())).toHaveLength(2)
})

test('an abort before the archive is made uploads nothing', async () => {
  await using code = await openCode()
  await using depot = await openDepot()
  const reason = new CancelledError('SIGINT')

  await expect(upload(code, depot, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  expect(await depot.list()).toEqual({})
})
