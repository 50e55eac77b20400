import { globSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type BuildOptions, build, type Metafile } from 'esbuild'
import { googleClients } from './bundle/google.ts'
import { collectLicences } from './bundle/licences.ts'

const root = join(import.meta.dirname, '..')

/** What users start. Found, not listed: a new task has its doors bundled by being there. */
const doors = globSync(
  [
    'actions/main.ts',
    'actions/post.ts',
    'actions/*/{main,post}.ts',
    'drone-plugins/*/main.ts',
    'cli/main.ts',
    'emulator/main.ts',
  ],
  {
    cwd: root,
  },
).sort()

const common = {
  absWorkingDir: root,
  bundle: true,
  minify: true,
  // google-gax asks constructors for their names: without them, `toProto3JSON: don't know how to convert value`.
  keepNames: true,
  platform: 'node',
  // A machine or a terminal may have any Node from 20 on.
  target: 'node20',
  format: 'esm',
  legalComments: 'none',
  loader: { '.sh': 'text' },
  metafile: true as const,
  plugins: [googleClients],
  // CommonJS modules inside ask for `require`, which an ES module does not have.
  banner: {
    js: "import{createRequire as mayflyRequire}from'node:module';const require=mayflyRequire(import.meta.url);",
  },
} satisfies BuildOptions

/** Writes dist/: one folder for all doors, with what they share in chunks, and the agent as one file. */
async function bundle(): Promise<void> {
  await rm(join(root, 'dist'), { recursive: true, force: true })
  const shared = await build({
    ...common,
    entryPoints: doors,
    outbase: root,
    outdir: 'dist',
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
  })
  const agent = await build({ ...common, entryPoints: ['machine/agent.ts'], outfile: 'dist/agent.js' })
  const inputs = { ...shared.metafile.inputs, ...agent.metafile.inputs } satisfies Metafile['inputs']
  await writeFile(join(root, 'dist/licenses.txt'), await collectLicences(root, Object.keys(inputs)))
  const files = { ...shared.metafile.outputs, ...agent.metafile.outputs }
  const bytes = Object.values(files).reduce((sum, output) => sum + output.bytes, 0)
  console.log(`dist: ${Object.keys(files).length} files, ${(bytes / 1e6).toFixed(2)} MB`)
}

await bundle()
