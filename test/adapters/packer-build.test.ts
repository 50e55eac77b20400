import { expect } from 'vitest'
import { CommandError } from '../../core/errors.ts'
import { testWith } from '../tools.ts'
import { ansible, openLog, openWorkshop, packer, planBuild, writeTemplate } from './packer-workshop.ts'

const never = () => new AbortController().signal

testWith(packer, "builds with a team's template, and gives the name from the manifest", async () => {
  await using workshop = await openWorkshop()
  const variables = `
variable "image_labels" { type = map(string) }
variable "disk_size" { type = number }
variable "use_internal_ip" { type = bool }
variable "packages" { type = list(string) }
variable "word" {}`
  const say =
    'inline = ["cat <<\'END\'\\n${jsonencode([var.image_labels, var.disk_size, var.use_internal_ip, var.packages, var.word])}\\nEND", "pwd"]'
  await workshop.write({ 'team.pkr.hcl': writeTemplate(`provisioner "shell-local" { ${say} }`, variables) })
  const log = openLog()
  const labels = { 'made-by': 'mayfly', odd: '${x} %{y}' }
  const build = planBuild({
    template: 'team.pkr.hcl',
    settings: { ...planBuild().settings, image_labels: labels },
    variables: { packages: '["git", "jq"]', word: 'a "b" ${c}' },
  })

  expect(await workshop.builder.build(build, { log, signal: never(), hopeless: never() })).toBe('Null')
  const line = log
    .text()
    .split('\n')
    .find((one) => one.startsWith('[{')) as string
  expect(JSON.parse(line)).toEqual([labels, 20, false, ['git', 'jq'], 'a "b" ${c}'])
  // Paths of the team's are taken from where it works.
  expect(log.text()).toContain(`\n${workshop.path}\n`)
  expect(log.groups).toContain('Running post-processor:  (type manifest)')
  expect(await workshop.leftovers()).toEqual([])
})

testWith(packer, 'takes a template that writes no manifest at its word', async () => {
  await using workshop = await openWorkshop()
  await workshop.write({
    'old.json': JSON.stringify({
      variables: { image_name: null, word: null },
      builders: [{ type: 'null', communicator: 'none' }],
      provisioners: [{ type: 'shell-local', inline: ["echo '{{user `image_name`}} {{user `word`}}'"] }],
    }),
  })
  const log = openLog()
  const build = planBuild({ template: 'old.json', variables: { word: 'of "mine"' } })
  expect(await workshop.builder.build(build, { log, signal: never(), hopeless: never() })).toBe('batch-v1')
  expect(log.text()).toContain('batch-v1 of "mine"\n')
})

testWith(packer, 'passes output on while it comes, without secrets', async () => {
  const key = '{\n  "private_key": "hidden-line-1",\n  "id": "hidden-line-2"\n}'
  await using workshop = await openWorkshop({ env: { KEY: key, WORD: 'my-secret' } })
  const script = [
    'printf "first my-sec"; sleep 0.2; printf "ret\\n"',
    'printf "%s\\n" "$PKR_VAR_key"',
    'until test -e go; do sleep 0.05; done',
    'echo last',
  ]
  await workshop.write({
    'team.pkr.hcl': writeTemplate(
      `provisioner "shell-local" { inline = ${JSON.stringify(script)} }`,
      'variable "key" {}\nvariable "word" {}',
    ),
  })
  const log = openLog()
  const build = planBuild({
    template: 'team.pkr.hcl',
    secrets: { key: 'KEY', word: 'WORD' },
  })
  const building = workshop.builder.build(build, { log, signal: never(), hopeless: never() })
  await log.hear('first')
  expect(log.text()).not.toContain('last')
  await workshop.write({ go: '' })
  await building
  expect(log.text()).toContain('first ***\n')
  expect(log.text()).toContain('last\n')
  expect(log.text()).not.toMatch(/my-secret|hidden/)
  expect(log.text()).toContain('\n{\n')
})

testWith(packer, "a build that fails says so in Packer's words, and leaves nothing", async () => {
  await using workshop = await openWorkshop({ env: { WORD: 'tool' } })
  const script = 'provisioner "shell-local" { inline = ["echo the tool is broken >&2", "exit 3"] }'
  await workshop.write({ 'team.pkr.hcl': writeTemplate(script, 'variable "word" {}') })
  const build = planBuild({ template: 'team.pkr.hcl', secrets: { word: 'WORD' } })
  const error = await workshop.builder
    .build(build, { log: openLog(), signal: never(), hopeless: never() })
    .catch((thrown) => thrown)
  expect(error).toBeInstanceOf(CommandError)
  expect(error.message).toMatch(
    /^packer build ended with exit code 1\.\nBuild 'null\.team' errored.*exit status: 3/,
  )
  expect(error.output).toContain('the *** is broken')
  expect(await workshop.leftovers()).toEqual([])
})

// Packer's own provisioner for Ansible needs a machine to connect to; what Ansible says is the same.
const playbookTemplate = writeTemplate(
  'provisioner "shell-local" { inline = ["ansible-playbook -i inventory playbook.yml"] }',
)

testWith(ansible, 'a playbook that fails is told by play, task and message', async () => {
  await using workshop = await openWorkshop()
  await workshop.write({
    inventory: 'machine ansible_connection=local ansible_python_interpreter=/usr/bin/python3\n',
    'team.pkr.hcl': playbookTemplate,
    'playbook.yml': `
- name: Tools of the team
  hosts: all
  gather_facts: false
  tasks:
    - name: One that may fail
      ansible.builtin.command: "false"
      ignore_errors: true
    - name: Compile the tool
      ansible.builtin.shell: echo compiling; echo "no such header" >&2; exit 4
`,
  })
  const log = openLog()
  const error = await workshop.builder
    .build(planBuild({ template: 'team.pkr.hcl' }), { log, signal: never(), hopeless: never() })
    .catch((thrown) => thrown)
  expect(error).toBeInstanceOf(CommandError)
  expect(error.message).toBe(`packer build ended with exit code 1.
Ansible failed at the task "Compile the tool" of the play "Tools of the team":
fatal: [machine]: FAILED!
  non-zero return code
  no such header`)
  expect(log.groups).toContain('Ansible: Tools of the team')
  expect(log.text()).not.toContain('\u001b')
  expect(await workshop.leftovers()).toEqual([])
})

testWith(
  ansible,
  'a task that fails is found in the playbook, by what Ansible says or by its title',
  async () => {
    await using workshop = await openWorkshop()
    const fail = async (task: string) => {
      await workshop.write({
        inventory: 'machine ansible_connection=local ansible_python_interpreter=/usr/bin/python3\n',
        'team.pkr.hcl': writeTemplate(
          'provisioner "shell-local" { inline = ["ansible-playbook -i inventory ${var.mayfly_playbook}"] }',
          'variable "mayfly_playbook" {}',
        ),
        'ansible/site.yml': `- hosts: all\n  gather_facts: false\n  tasks:\n    - name: Compile\n      ${task}\n`,
      })
      const build = planBuild({ template: 'team.pkr.hcl', playbook: 'ansible/site.yml' })
      return workshop.builder
        .build(build, { log: openLog(), signal: never(), hopeless: never() })
        .catch((thrown) => thrown)
    }
    const undefinedWord = await fail('ansible.builtin.debug: { msg: "{{ nothere }}" }')
    expect(undefinedWord.message).toContain("'nothere' is undefined")
    expect(undefinedWord.where).toBe('ansible/site.yml:4:7')
    // To 2.18, Ansible says nothing of the place of a task whose program fails.
    expect((await fail('ansible.builtin.command: "false"')).where).toBe('ansible/site.yml:4:7')
  },
)
