import { chmod, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { InputError } from '../../core/errors.ts'
import type { ImageBuild } from '../../core/world.ts'
import { testWith } from '../tools.ts'
import {
  ansible,
  openLog,
  openWorkshop,
  packer,
  planBuild,
  type Workshop,
  writeTemplate,
} from './packer-workshop.ts'

const options = () => ({ log: openLog(), signal: new AbortController().signal })
const playbook = '- hosts: all\n  tasks:\n    - ansible.builtin.debug:\n        msg: "{{ word }}"\n'

async function refuse(workshop: Workshop, build: Partial<ImageBuild>): Promise<string> {
  const error = await workshop.builder.validate(planBuild(build), options()).catch((thrown) => thrown)
  expect(error).toBeInstanceOf(InputError)
  expect(await workshop.leftovers()).toEqual([])
  return error.message
}

testWith(ansible, "takes Mayfly's own template with a playbook and without", async () => {
  await using workshop = await openWorkshop()
  await workshop.write({ 'playbook.yml': playbook })
  const build = { playbook: 'playbook.yml', variables: { word: 'a: "b" {{ c }}' }, containers: ['alpine:3'] }
  await workshop.builder.validate(planBuild(build), options())
  await workshop.builder.validate(planBuild(), options())
  expect(await workshop.leftovers()).toEqual([])
})

testWith(
  packer,
  'tells the versions of its tools, and wants no Ansible for a template without a playbook',
  async () => {
    await using workshop = await openWorkshop()
    const versions = await workshop.builder.tools(planBuild({ template: 'team.pkr.hcl' }))
    expect(Object.keys(versions)).not.toContain('ansible')
    expect(versions.packer).toMatch(/^\d+\.\d+\.\d+$/)
  },
)

testWith(ansible, "tells Ansible's version too where Ansible is wanted", async () => {
  await using workshop = await openWorkshop()
  expect((await workshop.builder.tools(planBuild())).ansible).toMatch(/^\d+\.\d+\.\d+$/)
})

testWith(packer, 'says all tools that are missing or too old, and how to get them', async () => {
  await using workshop = await openWorkshop({ env: { PATH: '/nowhere' } })
  const missing = await workshop.builder.tools(planBuild()).catch((error) => error)
  expect(missing).toBeInstanceOf(InputError)
  expect(missing.message).toMatch(
    /^packer: the program was not found on the PATH; 1\.6\.6 or later is needed/,
  )
  expect(missing.message).toMatch(/\nansible-playbook: .*pip install ansible-core/)
})

testWith(packer, 'refuses a Packer that is too old', async () => {
  await using workshop = await openWorkshop()
  await workshop.write({ 'bin/packer': '#!/bin/sh\necho Packer v1.5.4\n' })
  await chmod(join(workshop.path, 'bin/packer'), 0o755)
  await using old = await openWorkshop({ env: { PATH: `${workshop.path}/bin:${process.env.PATH}` } })
  await expect(old.builder.tools(planBuild({ template: 'x' }))).rejects.toThrow(
    'is version 1.5.4; 1.6.6 or later',
  )
})

testWith(packer, 'names a template and a playbook that are not there', async () => {
  await using workshop = await openWorkshop()
  expect(await refuse(workshop, { template: 'nowhere.pkr.hcl' })).toMatch(
    /^template: there is no file nowhere/,
  )
})

testWith(ansible, 'names a playbook that is not there', async () => {
  await using workshop = await openWorkshop()
  expect(await refuse(workshop, { playbook: 'nowhere.yml' })).toMatch(
    /^playbook: there is no file nowhere\.yml/,
  )
})

testWith(
  packer,
  "gives Packer's own words about a template that it cannot read or that is wrong",
  async () => {
    await using workshop = await openWorkshop()
    await workshop.write({
      'torn.pkr.hcl': 'build {\n  x\n}\n',
      'wrong.pkr.hcl': writeTemplate('provisioner "shell-local" { nonsense = 1 }'),
    })
    expect(await refuse(workshop, { template: 'torn.pkr.hcl' })).toMatch(/torn\.pkr\.hcl line/)
    expect(await refuse(workshop, { template: 'wrong.pkr.hcl' })).toContain('nonsense')
  },
)

testWith(
  packer,
  'names every variable that the template does not declare, with the nearest one',
  async () => {
    await using workshop = await openWorkshop()
    await workshop.write({ 'team.pkr.hcl': writeTemplate('', 'variable "python" { default = "3" }') })
    const variables = { pyhton: '3.12', zone: 'b' }
    expect(await refuse(workshop, { template: 'team.pkr.hcl', variables })).toBe(
      'variables: the template team.pkr.hcl declares no variable "pyhton". Did you mean "python"?\n' +
        'variables: "zone" is set by Mayfly; leave it out.',
    )
  },
)

testWith(packer, 'knows the variables of a folder and of the old JSON form', async () => {
  await using workshop = await openWorkshop()
  await workshop.write({
    'folder/build.pkr.hcl': writeTemplate(''),
    'folder/more.pkr.hcl': 'variable "python" {}\n',
    'old.json': JSON.stringify({
      variables: { image_name: null, disk_size: '10', python: '3' },
      builders: [{ type: 'null', communicator: 'none' }],
    }),
  })
  for (const template of ['folder', 'old.json']) {
    await workshop.builder.validate(planBuild({ template, variables: { python: 'a "b" ${c}' } }), options())
    expect(await refuse(workshop, { template, variables: { pyton: '3' } })).toContain(
      'Did you mean "python"?',
    )
  }
})

testWith(packer, 'wants a template that takes the name of the image or tells it', async () => {
  await using workshop = await openWorkshop()
  await workshop.write({
    'team.pkr.hcl': 'source "null" "x" { communicator = "none" }\nbuild { sources = ["null.x"] }\n',
  })
  expect(await refuse(workshop, { template: 'team.pkr.hcl' })).toMatch(
    /^template: .*neither a variable image_name/,
  )
})

testWith(ansible, "gives Ansible's own words about a playbook, and names bad variables", async () => {
  await using workshop = await openWorkshop()
  await workshop.write({ 'playbook.yml': '- hosts: all\n  tasks:\n    - nonsense_module: {}\n' })
  expect(await refuse(workshop, { playbook: 'playbook.yml' })).toContain(
    "couldn't resolve module/action 'nonsense_module'",
  )
  expect(await refuse(workshop, { playbook: 'playbook.yml', variables: { 'a-b': '' } })).toMatch(
    /^variables: "a-b" is no name of an Ansible variable/,
  )
})

testWith(ansible, 'says the line of a mistake, where Ansible or Packer says it', async () => {
  await using workshop = await openWorkshop()
  const template = writeTemplate('', 'variable "mayfly_playbook" {}')
  await workshop.write({
    'site.yml': '- hosts: all\n  tasks:\n    - name: Odd\n      ansible.builtin.no_such_module:\n',
    'team.pkr.hcl': template,
    'odd.pkr.hcl': `${template}}\n`,
  })
  const build = { template: 'team.pkr.hcl', playbook: 'site.yml' }
  expect(await refuse(workshop, build)).toMatch(/^site\.yml:3:7: ansible-playbook --syntax-check found:\n/)
  const last = template.split('\n').length
  expect(await refuse(workshop, { template: 'odd.pkr.hcl' })).toMatch(
    new RegExp(`^odd\\.pkr\\.hcl:${last}:1: `),
  )
})

testWith(ansible, 'refuses what a template would not hear of', async () => {
  await using workshop = await openWorkshop()
  await workshop.write({ 'team.pkr.hcl': writeTemplate(''), 'playbook.yml': playbook })
  const build = { template: 'team.pkr.hcl', playbook: 'playbook.yml', containers: ['alpine:3'] }
  expect(await refuse(workshop, build)).toBe(
    'containers: the template team.pkr.hcl does not hear of it: it declares no variable mayfly_machine_variables.\n' +
      'playbook: the template team.pkr.hcl does not hear of it: it declares no variable mayfly_playbook.',
  )
})

// Debian has only 1.6.6. This stands for a Packer of today, as far as what it is asked and given goes.
const packerOfToday = `#!/bin/sh
case $1 in
  version) echo Packer v1.14.3 ;;
  plugins) echo /plugins/packer-plugin-googlecompute_v1.2.0_x5.0_linux_amd64; echo /plugins/packer-plugin-googlecompute_v1.10.1_x5.0_linux_amd64 ;;
  *) for file; do :; done; echo "$1" $(ls "$file") $(grep -ho "^  instance_termination_action" "$file"/*) >>"$HOME/asked" ;;
esac
`

testWith(
  ansible,
  'gives a Packer of today the plugins that the template wants, and all that these know',
  async () => {
    await using tools = await openWorkshop()
    await tools.write({ 'bin/packer': packerOfToday })
    await chmod(join(tools.path, 'bin/packer'), 0o755)
    await using workshop = await openWorkshop({ env: { PATH: `${tools.path}/bin:${process.env.PATH}` } })
    expect(await workshop.builder.tools(planBuild())).toMatchObject({
      packer: '1.14.3',
      googlecompute: '1.10.1',
    })
    await workshop.builder.validate(planBuild(), options())
    const files = 'machine.pkr.hcl plugins.pkr.hcl instance_termination_action'
    expect(await readFile(join(workshop.path, 'asked'), 'utf8')).toBe(`init ${files}\nvalidate ${files}\n`)
  },
)
