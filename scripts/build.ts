import { globSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { build } from 'esbuild'
import { collectLicences } from './bundle/licences.ts'
import { bundleOptions, root } from './bundle/options.ts'

/** What users start. Found, not listed: a new task has its doors bundled by being there. */
const doors = globSync(['{actions,drone-plugins}/**/{main,post}.ts', '{cli,emulator}/main.ts'], {
  cwd: root,
}).sort()

/** Fills a folder: the doors, with what they share in chunks, and the agent as one file. */
async function bundle(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true })
  const shared = await build({
    ...bundleOptions,
    entryPoints: doors,
    outbase: root,
    outdir: folder,
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
  })
  const agent = await build({
    ...bundleOptions,
    entryPoints: ['machine/agent.ts'],
    outfile: join(folder, 'agent.js'),
  })
  const inputs = Object.keys({ ...shared.metafile.inputs, ...agent.metafile.inputs })
  await writeFile(join(folder, 'licenses.txt'), await collectLicences(root, inputs))
  const outputs = Object.values({ ...shared.metafile.outputs, ...agent.metafile.outputs })
  const bytes = outputs.reduce((sum, output) => sum + output.bytes, 0)
  console.log(`${folder}: ${outputs.length} files, ${(bytes / 1e6).toFixed(2)} MB`)
}

await bundle(resolve(root, process.argv[2] ?? 'dist'))
