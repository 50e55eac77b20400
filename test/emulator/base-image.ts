import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { findTool } from '../tools.ts'

const rights = findTool(
  'the right to make namespaces (Linux, root)',
  ['unshare', '--mount', '--uts', '--ipc', '--net', '--pid', '--fork', '--kill-child', 'true'],
  false,
)
const tools = findTool(
  'mmdebstrap, socat, ip, flock or ssh',
  ['sh', '-c', 'mmdebstrap --version && socat -V && ip -V && flock --version && ssh -V'],
  true,
)

/** What it takes to boot a machine from a base image. */
export const namespaces = rights.found ? tools : rights

const script = join(import.meta.dirname, '../../scripts/make-base-image')

/**
 * The folder of the base image, for all tests that boot it. It is made once for each version of its script, and kept for
 * the next run; who comes while another one makes it waits.
 */
export async function makeBaseImage(): Promise<string> {
  const version = createHash('sha256').update(readFileSync(script)).digest('hex').slice(0, 12)
  const cache = process.env.MAYFLY_TEST_CACHE ?? join(tmpdir(), 'mayfly-base-image')
  const folder = join(cache, version)
  mkdirSync(cache, { recursive: true })
  await promisify(execFile)('flock', [`${folder}.lock`, script, folder])
  return folder
}
