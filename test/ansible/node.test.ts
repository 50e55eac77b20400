import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect } from 'vitest'
import { ansible } from '../adapters/packer-workshop.ts'
import { findTool, testWith } from '../tools.ts'

const root = join(import.meta.dirname, '../..')
// The role gives its files to root.
const tools = findTool(
  'Ansible, or the rights of root',
  ['sh', '-c', 'ansible-playbook --version && [ $(id -u) = 0 ]'],
  true,
)

/** An address like that of a version of Node, with an archive in which Node is a script that says its version. */
async function openNodejs(folder: string, digest?: string) {
  const path = 'dist/node-v24.99.0-linux-x64/bin'
  await mkdir(join(folder, path), { recursive: true })
  await writeFile(join(folder, path, 'node'), '#!/bin/sh\necho v24.99.0\n', { mode: 0o755 })
  const archive = join(folder, 'node.tar.gz')
  await execa('tar', ['-C', join(folder, 'dist'), '-czf', archive, 'node-v24.99.0-linux-x64'])
  const bytes = await readFile(archive)
  const sum = digest ?? createHash('sha256').update(bytes).digest('hex')
  const asked: string[] = []
  const server = createServer(({ url = '' }, response) => {
    asked.push(url)
    if (url === '/v24.99.0/SHASUMS256.txt')
      response.end(`${'0'.repeat(64)}  node-v24.99.0.pkg\n${sum}  node-v24.99.0-linux-x64.tar.gz\n`)
    else response.end(bytes)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/v24.99.0`,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Plays the part of the role that installs Node, on this computer and in a folder of its own. */
async function installNode(folder: string, url: string) {
  const playbook = join(folder, 'playbook.yml')
  await writeFile(
    playbook,
    `
- hosts: localhost
  connection: local
  gather_facts: false
  vars:
    batch_machine_folder: ${folder}/mayfly
    batch_machine_node_version: 24.99.0
    batch_machine_node_platform: linux-x64
    batch_machine_node_address: ${url}
    batch_machine_retry_seconds: 0
  tasks:
    - ansible.builtin.file: { path: "${folder}/mayfly", state: directory, mode: "0755" }
    - ansible.builtin.include_role: { name: ${root}/ansible/roles/batch_machine, tasks_from: node.yml }
`,
  )
  const env = { ANSIBLE_LOCAL_TEMP: folder, ANSIBLE_REMOTE_TEMP: folder, TMPDIR: folder }
  return execa(ansible.name, [playbook], { env, reject: false })
}

async function openFolder() {
  const path = await mkdtemp(join(tmpdir(), 'mayfly-role-test-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

testWith(tools, "installs Node from nodejs.org's archive, once", async () => {
  await using folder = await openFolder()
  await using nodejs = await openNodejs(folder.path)
  const first = await installNode(folder.path, nodejs.url)
  expect(first.stdout).toContain('failed=0')
  const { stdout } = await execa(join(folder.path, 'mayfly/node/bin/node'), ['--version'])
  expect(stdout).toBe('v24.99.0')
  const again = await installNode(folder.path, nodejs.url)
  expect(again.stdout).toMatch(/changed=0 .*failed=0/)
  expect(nodejs.asked).toEqual(['/v24.99.0/SHASUMS256.txt', '/v24.99.0/node-v24.99.0-linux-x64.tar.gz'])
})

testWith(tools, 'refuses an archive that is not the one of the checksums', async () => {
  await using folder = await openFolder()
  await using nodejs = await openNodejs(folder.path, 'f'.repeat(64))
  const { stdout, exitCode } = await installNode(folder.path, nodejs.url)
  expect(exitCode).toBe(2)
  expect(stdout).toContain('did not match')
  await expect(readFile(join(folder.path, 'mayfly/node/bin/node'))).rejects.toThrow('ENOENT')
})
