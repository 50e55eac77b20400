import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { ansible } from '../adapters/packer-workshop.ts'
import { testWith } from '../tools.ts'

const root = join(import.meta.dirname, '../..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')
const role = 'ansible/roles/batch_machine'
const defaults = parse(read(`${role}/defaults/main.yml`))

test("the role installs the Node that Mayfly's own tests run on", () => {
  expect(defaults.batch_machine_node_version).toBe(JSON.parse(read('package.json')).devDependencies.node)
})

test('the role puts things where the startup script looks for them', () => {
  expect(read('machine/bootstrap.sh')).toContain(`baked=${defaults.batch_machine_folder}\n`)
})

testWith(ansible, "Ansible takes Mayfly's playbooks and the example", async () => {
  const playbooks = [
    'ansible/machine.yml',
    'ansible/nothing.yml',
    'ansible/seal.yml',
    'examples/image/playbook.yml',
  ]
  const { stderr } = await execa(ansible.name, ['--syntax-check', '-i', 'machine,', ...playbooks], {
    cwd: root,
  })
  expect(stderr).toBe('')
})

// Other modules come with collections, which a computer may not have.
test.each([
  `${role}/tasks/main.yml`,
  `${role}/tasks/node.yml`,
  `${role}/tasks/containers.yml`,
  `${role}/tasks/cloud-batch.yml`,
])('%s uses modules of Ansible itself, by their whole names', (file) => {
  const keywords =
    /^(name|when|register|retries|delay|until|vars|loop|changed_when|failed_when|no_log|block|always)$/
  const list = (tasks: readonly Record<string, unknown>[]): readonly string[] =>
    tasks.flatMap((task) => [
      ...Object.keys(task).filter((key) => !keywords.test(key)),
      ...list([...((task.block ?? []) as []), ...((task.always ?? []) as [])]),
    ])
  const modules = list(parse(read(file)))
  expect(modules.length).toBeGreaterThan(1)
  expect(modules.filter((name) => !name.startsWith('ansible.builtin.'))).toEqual([])
})
