import { join } from 'node:path'
import type { BuildOptions } from 'esbuild'
import { googleClients } from './google.ts'

export const root = join(import.meta.dirname, '../..')

/** How every bundle is made. The same sources give the same bytes, so that CI can compare what is committed. */
export const bundleOptions = {
  absWorkingDir: root,
  bundle: true,
  minify: true,
  // google-gax asks constructors for their names: without them, `toProto3JSON: don't know how to convert value`.
  keepNames: true,
  platform: 'node',
  // A machine or a terminal may have any Node from 20 on.
  target: 'node20',
  format: 'esm',
  // Collected in licenses.txt, whole.
  legalComments: 'none',
  loader: { '.sh': 'text' },
  metafile: true,
  plugins: [googleClients],
  // CommonJS modules inside ask for `require`, which an ES module does not have.
  banner: {
    js: "import{createRequire as mayflyRequire}from'node:module';const require=mayflyRequire(import.meta.url);",
  },
} as const satisfies BuildOptions
