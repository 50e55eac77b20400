import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { findPlace, findTask } from '../../adapters/packer/place.ts'

const team = '/work/team'

test('ansible-core to 2.18 says the place in a sentence', () => {
  const said = `ERROR! couldn't resolve module/action 'ansible.builtin.no_such_module'.

The error appears to be in '/work/team/site.yml': line 4, column 7, but may
be elsewhere in the file depending on the exact syntax problem.`
  expect(findPlace(said, team)).toBe('site.yml:4:7')
  expect(findPlace(said.replace('be in', 'have been in'), team)).toBe('site.yml:4:7')
})

test('ansible-core from 2.19 says where it comes from, the cause last', () => {
  const said = `[ERROR]: Task failed: Error while evaluating conditional: 'rndc' is undefined

Task failed.
Origin: /work/team/roles/dns/tasks/main.yml:40:3

38
40 - name: adjust rndc key owner
     ^ column 3

<<< caused by >>>

Error while evaluating conditional: 'rndc' is undefined
Origin: /work/team/roles/dns/tasks/main.yml:55:9
`
  expect(findPlace(said, team)).toBe('roles/dns/tasks/main.yml:55:9')
})

test('Packer says it of a template', () => {
  expect(findPlace('Error: Unsupported argument\n\n  on team.pkr.hcl line 3:\n', team)).toBe(
    'team.pkr.hcl:3:1',
  )
  expect(findPlace('  on /work/team/a b.pkr.hcl line 12, in build:', team)).toBe('a b.pkr.hcl:12:1')
})

test("no place is none, and neither is one that is not the team's", () => {
  expect(findPlace('fatal: [machine]: FAILED!', team)).toBeUndefined()
  expect(
    findPlace("The error appears to be in '/usr/share/ansible/x.yml': line 4, column 7", team),
  ).toBeUndefined()
})

test('a task is found by its title where only one line gives it that name', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'place-'))
  const write = async (name: string, text: string) => {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), text)
    return join(folder, name)
  }
  const playbook = await write(
    'ansible/site.yml',
    '- hosts: all\n  tasks:\n    - name: "Compile it" # slow\n      command: make\n    - debug:\n      name: Twice\n    - name: Twice\n',
  )
  await write('ansible/roles/dns/tasks/main.yml', '- name: Compile it\n  command: make\n')
  await write('ansible/roles/dns/handlers/main.yaml', '- name: Compile it\n- name: Restart\n')

  expect(findTask('Compile it', playbook, folder)).toBe('ansible/site.yml:3:7')
  expect(findTask('Twice', playbook, folder)).toBeUndefined()
  expect(findTask('Never', playbook, folder)).toBeUndefined()
  expect(findTask('dns : Restart', playbook, folder)).toBe('ansible/roles/dns/handlers/main.yaml:2:3')
  expect(findTask('dns : Compile it', playbook, folder)).toBeUndefined()
  expect(findTask('elsewhere : Restart', playbook, folder)).toBeUndefined()
  await rm(folder, { recursive: true })
})
