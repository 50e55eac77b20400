import { globSync } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import { build } from 'esbuild'
import { collectLicences } from './bundle/licences.ts'
import { bundleOptions, root } from './bundle/options.ts'

/** What users start. Found, not listed: a new task has its doors bundled by being there. */
const doors = globSync(['{actions,drone-plugins}/**/{main,post}.ts', '{cli,emulator}/main.ts'], {
  cwd: root,
}).sort()

/** Fills a folder: the doors, with what they share in chunks, and the agent as one file. */
async function bundle(folder: string): Promise<void> {
  const shared = await build({
    ...bundleOptions,
    entryPoints: doors,
    outbase: root,
    outdir: folder,
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
    write: false,
  })
  const agent = await build({
    ...bundleOptions,
    entryPoints: ['machine/agent.ts'],
    outfile: join(folder, 'agent.js'),
    write: false,
  })
  const inputs = Object.keys({ ...shared.metafile.inputs, ...agent.metafile.inputs })
  const licences = { path: join(folder, 'licenses.txt'), contents: await collectLicences(root, inputs) }
  const files = [...shared.outputFiles, ...agent.outputFiles, licences]
  for (const { path, contents } of files) await write(path, Buffer.from(contents))
  await removeOthers(folder, new Set(files.map(({ path }) => path)))
  const bytes = files.reduce((sum, { contents }) => sum + contents.length, 0)
  console.log(`${relative(root, folder)}: ${files.length} files, ${(bytes / 1e6).toFixed(2)} MB`)
}

/** Leaves a file alone that is right already: whoever runs it now is not disturbed. */
async function write(path: string, contents: Buffer): Promise<void> {
  const old = await readFile(path).catch(() => undefined)
  if (old?.equals(contents)) return
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, contents)
}

async function removeOthers(folder: string, kept: ReadonlySet<string>): Promise<void> {
  const others = globSync('**/*', { cwd: folder, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !kept.has(path))
  await Promise.all(others.map((path) => rm(path)))
}

await bundle(resolve(root, process.argv[2] ?? 'dist'))
