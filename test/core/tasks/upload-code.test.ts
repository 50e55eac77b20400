import { createHash } from 'node:crypto'
import { gunzipSync } from 'node:zlib'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { openGit } from '../../../adapters/git.ts'
import { ConflictError, readExitCode } from '../../../core/errors.ts'
import { readRelease } from '../../../core/releases.ts'
import { uploadCode } from '../../../core/tasks/upload-code/task.ts'
import { bucket, openDepot } from './upload-code-depot.ts'
import { noNews, openCode, upload } from './upload-code-run.ts'
import { openSession } from './upload-code-session.ts'

test('a tag becomes an archive and a pointer to it', async () => {
  await using code = await openCode()
  await using depot = await openDepot()
  const context = { by: 'github ada', link: 'https://ci.example/7', repository: 'acme/Recommender' }

  const { report, infos } = await upload(code, depot, { context })

  const { stdout: tar } = await execa('git', ['-C', `${code.path}/recommender`, 'archive', code.head], {
    encoding: 'buffer',
  })
  const digest = createHash('sha256').update(tar).digest('hex')
  const blob = await depot.objects.stat(`code/sha256/${digest}.tar.gz`)
  expect(gunzipSync((await depot.objects.read(blob?.name ?? '')) ?? '').equals(tar)).toBe(true)
  const release = await readRelease(depot.objects, 'recommender', 'v1.4.0')
  expect(release).toEqual({
    schema: 1,
    name: 'recommender',
    tag: 'v1.4.0',
    commit: code.head,
    digest: `sha256:${digest}`,
    size: tar.length,
    compressedSize: blob?.size,
    files: 2,
    repository: 'acme/Recommender',
    uploadedAt: new Date(blob?.created ?? 0).toISOString(),
    by: 'github ada',
    link: 'https://ci.example/7',
  })
  expect(Object.keys(await depot.list())).toEqual([
    'code/recommender/tags/v1.4.0.json',
    `code/sha256/${digest}.tar.gz`,
  ])
  const uri = `gs://acme-mayfly/code/sha256/${digest}.tar.gz`
  const pointer = 'gs://acme-mayfly/code/recommender/tags/v1.4.0.json'
  expect(report).toMatchObject({
    exitCode: 0,
    json: { ...release, uri, pointer, alreadyUploaded: false },
    outputs: {
      uri,
      digest: `sha256:${digest}`,
      tag: 'v1.4.0',
      commit: code.head,
      name: 'recommender',
      pointer,
      already_uploaded: 'false',
    },
  })
  expect(Object.keys(report.outputs).sort()).toEqual(Object.keys(uploadCode.outputs).sort())
  expect(report.lines).toEqual([
    '✔ recommender@v1.4.0 uploaded',
    `  commit    ${code.head} of acme/Recommender`,
    `  digest    sha256:${digest}`,
    `  size      2 files, 10 KB, ${blob?.size} B compressed`,
    `  archive   ${uri}`,
    `  pointer   ${pointer}`,
    `  uploaded  ${release?.uploadedAt} by github ada, https://ci.example/7`,
  ])
  expect(report.summary).toContain(
    `### ✔ recommender@v1.4.0 uploaded\n\n|  |  |\n| --- | --- |\n| Commit | ${code.head}`,
  )
  expect(infos).toEqual([
    `Archiving recommender@v1.4.0, commit ${code.head}.`,
    `sha256:${digest}: 2 files, 10 KB.`,
    `Uploading ${blob?.size} B to gs://acme-mayfly.`,
  ])
})

test('the plan says what will be done, and changes nothing', async () => {
  await using code = await openCode()
  await using depot = await openDepot()
  const session = openSession({
    git: openGit(`${code.path}/recommender`, code.env),
    objects: () => depot.objects,
  })
  const inputs = {
    tag: 'v1.4.0',
    name: 'model',
    submodules: true,
    project: 'acme-ml',
    bucket,
    dryRun: true,
    ...noNews,
  }

  expect(await uploadCode.plan(inputs, session)).toEqual({
    project: 'acme-ml',
    bucket,
    name: 'model',
    tag: 'v1.4.0',
    commit: code.head,
    repository: 'recommender',
    submodules: true,
    pointer: 'code/model/tags/v1.4.0.json',
  })
  expect(await depot.list()).toEqual({})
})

test('the same code again is a success that writes nothing, from another clone with other settings too', async () => {
  await using code = await openCode()
  await using depot = await openDepot()
  const first = await upload(code, depot, { context: { by: 'github ada' } })
  const before = await depot.list()
  await code.git('', 'clone', '-q', 'recommender', 'other/recommender')
  await code.git('other/recommender', 'config', 'core.autocrlf', 'true')
  await code.git('other/recommender', 'config', 'tar.umask', '077')
  await code.git('other/recommender', 'tag', '-f', '-am', 'annotated now', 'v1.4.0')
  const asked = depot.emulator.requests().length

  const again = await upload(code, depot, { directory: 'other/recommender', context: { by: 'drone' } })

  expect(again.report.outputs).toEqual({ ...first.report.outputs, already_uploaded: 'true' })
  expect(again.report.lines[0]).toBe('✔ recommender@v1.4.0 was uploaded before, with the same code')
  expect(again.report.lines.at(-1)).toContain('by github ada')
  expect(await depot.list()).toEqual(before)
  const names = depot.emulator.requests().slice(asked)
  expect(names.map(({ name }) => name)).not.toContain('storage.objects.insert')
})

test('two tags of a commit share an archive', async () => {
  await using code = await openCode()
  await using depot = await openDepot()
  await code.git('recommender', 'tag', 'release/1')

  await upload(code, depot, { tag: 'v1.4.0' })
  const second = await upload(code, depot, { tag: 'release/1' })

  expect(second.report.outputs.already_uploaded).toBe('false')
  expect(Object.keys(await depot.list())).toEqual([
    'code/recommender/tags/release/1.json',
    'code/recommender/tags/v1.4.0.json',
    expect.stringMatching(/^code\/sha256\//),
  ])
})

test('a tag that was moved is a conflict, and nothing is changed', async () => {
  await using code = await openCode()
  await using depot = await openDepot()
  const first = await upload(code, depot, { context: { by: 'github ada', link: 'https://ci.example/7' } })
  const before = await depot.list()
  await code.write('recommender', { 'train.py': 'print(2)\n' })
  const moved = await code.commit('recommender')
  await code.git('recommender', 'tag', '-f', 'v1.4.0')

  const error = await upload(code, depot).catch((thrown: unknown) => thrown)

  expect(error).toBeInstanceOf(ConflictError)
  expect(readExitCode(error)).toBe(65)
  const lines = (error as Error).message.split('\n')
  const release = await readRelease(depot.objects, 'recommender', 'v1.4.0')
  expect(lines).toEqual([
    'recommender@v1.4.0 was uploaded before, with other code. Nothing has been changed.',
    `  uploaded: ${first.report.outputs.digest}, commit ${code.head} of recommender, ${release?.uploadedAt}, by github ada, https://ci.example/7`,
    expect.stringMatching(`^  now:      sha256:[0-9a-f]{64}, commit ${moved} of recommender$`),
    expect.stringMatching(
      /a release is never replaced\. The tag was moved: make a new tag and upload that\.$/,
    ),
  ])
  expect(lines[2]).not.toContain(first.report.outputs.digest)
  expect(await depot.list()).toEqual(before)
})

test('another repository of the same name is a conflict that says so', async () => {
  await using code = await openCode()
  await using depot = await openDepot()
  await upload(code, depot, { context: { repository: 'acme/recommender' } })
  await code.repository('other', { 'other.py': 'o\n' })
  await code.git('other', 'tag', 'v1.4.0')

  const other = upload(code, depot, { directory: 'other', context: { repository: 'globex/Recommender' } })

  await expect(other).rejects.toThrow(/of acme\/recommender,.*of globex\/Recommender\n.*share a name/s)
})

test('the same commit with another choice of submodules is a conflict that says so', async () => {
  await using code = await openCode()
  await using depot = await openDepot()
  await code.repository('library', { 'lib.py': 'l\n' })
  await code.git('recommender', 'submodule', 'add', '-q', '../library', 'lib')
  await code.commit('recommender')
  await code.git('recommender', 'tag', 'v2')
  await upload(code, depot, { tag: 'v2', submodules: true })

  const again = upload(code, depot, { tag: 'v2' })

  await expect(again).rejects.toThrow(/archived with another choice of submodules: choose as before/)
  expect((await upload(code, depot, { tag: 'v2', submodules: true })).report.outputs.already_uploaded).toBe(
    'true',
  )
})

test('code with Git LFS is uploaded with a warning', async () => {
  await using code = await openCode()
  await using depot = await openDepot()
  await code.write('recommender', { 'data/.gitattributes': '*.bin filter=lfs diff=lfs merge=lfs -text\n' })
  await code.commit('recommender')
  await code.git('recommender', 'tag', 'v2')

  expect((await upload(code, depot, { tag: 'v1.4.0' })).warnings).toEqual([])
  expect((await upload(code, depot, { tag: 'v2' })).warnings).toEqual([
    'The release holds pointers for files in Git LFS, not their content (see data/.gitattributes).',
  ])
})

test('progress is told in figures for people, each once', async () => {
  await using code = await openCode()
  await using depot = await openDepot()
  await code.write('recommender', { 'big.txt': 'x'.repeat(3_000_000) })
  await code.commit('recommender')
  await code.git('recommender', 'tag', 'v2')

  const { figures } = await upload(code, depot, { tag: 'v2' })

  expect(figures.at(-1)).toBe('Archived 2.9 MB')
  expect(new Set(figures).size).toBe(figures.length)
  expect(figures.length).toBeGreaterThan(5)
})
