import { execFileSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findTool } from '../tools.ts'
import { podman } from './container.ts'

const root = join(import.meta.dirname, '../..')

/** What it takes to build the plugins' images and to run them. */
export const imageTools = findTool(
  'root with podman and buildah, and mmdebstrap for their base',
  [
    'sh',
    '-c',
    'test "$(id -u)" = 0 && podman --runtime runc version && buildah --version && mmdebstrap --version',
  ],
  true,
)

/** Builds images of a name of their own, and prints their sizes. */
export function buildImages(prefix: string, ...architecture: readonly string[]): void {
  const cache = process.env.MAYFLY_TEST_CACHE ?? join(tmpdir(), 'mayfly-plugin-images')
  const script = join(root, 'scripts/make-plugin-images')
  const sizes = execFileSync(script, [cache, prefix, ...architecture], { encoding: 'utf8' })
  for (const line of sizes.trim().split('\n')) {
    const [image = '', bytes] = line.split(' ')
    const name = [image.replace(prefix, 'mayfly'), ...architecture].join(', ')
    console.log(`${name}: ${(Number(bytes) / 1e6).toFixed(1)} MB`)
  }
}

export function removeImages(prefix: string): void {
  podman('rmi', '--force', ...['upload-code', 'run-batch', 'base'].map((name) => `${prefix}-${name}`))
}
