import { readFileSync } from 'node:fs'
import { defineConfig } from 'vitest/config'
import { ClosingLines } from './test/closing-lines.ts'

export default defineConfig({
  // Shell scripts are imported as text, as esbuild does it for the bundles.
  plugins: [
    {
      name: 'shell-text',
      enforce: 'pre',
      load: (id) =>
        id.endsWith('.sh') ? `export default ${JSON.stringify(readFileSync(id, 'utf8'))}` : undefined,
    },
  ],
  test: {
    include: ['test/**/*.test.ts'],
    // The tests of virtual machines mostly wait; the rest fills the time.
    maxWorkers: '100%',
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: ['default', new ClosingLines()],
  },
})
