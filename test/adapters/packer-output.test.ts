import { expect, test } from 'vitest'
import { openMask } from '../../adapters/packer/mask.ts'
import { openOutput } from '../../adapters/packer/output.ts'
import { openLog } from './packer-workshop.ts'

test('hides a secret in every form that it may take, the longest first', () => {
  const mask = openMask(['ab', 'ab"cd', 'line one\r\nline two\n}', ''])
  expect(mask('ab"cd and ab')).toBe('*** and ***')
  expect(mask('{"msg": "ab\\"cd"}')).toBe('{"msg": "***"}')
  expect(mask('line one, line two }')).toBe('***, *** }')
  expect(mask('"line one\\r\\nline two\\n}"')).toBe('"***"')
})

/** What a failure is said to be, after Packer printed this. */
function explain(text: string): string {
  const output = openOutput(openLog(), openMask([]))
  output.write(text)
  output.end()
  return output.reason.give()
}

test("tells Packer's error of a template", () => {
  const said =
    'Error: Unsupported argument\n\n  on team.pkr.hcl line 3:\n\nAn argument named "x" is not expected here.\n'
  expect(explain(said)).toBe(
    'Error: Unsupported argument\n  on team.pkr.hcl line 3:\nAn argument named "x" is not expected here.',
  )
})

test("tells Packer's error of a build once", () => {
  const said = `==> googlecompute.mayfly: Creating instance...
==> googlecompute.mayfly: Error creating instance: quota
Build 'googlecompute.mayfly' errored after 1 second: Error creating instance: quota

==> Wait completed after 1 second

==> Some builds didn't complete successfully and had errors:
--> googlecompute.mayfly: Error creating instance: quota
`
  expect(explain(said)).toBe(
    "Build 'googlecompute.mayfly' errored after 1 second: Error creating instance: quota",
  )
})

test('tells a machine that Ansible did not reach, and a playbook that it could not read', () => {
  const machine = `    googlecompute.mayfly: PLAY [Tools] *****
    googlecompute.mayfly: TASK [Gathering Facts] ****
    googlecompute.mayfly: fatal: [default]: UNREACHABLE! => {"changed": false, "msg": "Failed to connect", "unreachable": true}
`
  expect(explain(machine)).toBe(
    'Ansible failed at the task "Gathering Facts" of the play "Tools":\nfatal: [default]: UNREACHABLE!\n  Failed to connect',
  )
  const playbook = `==> googlecompute.mayfly: ERROR! the role 'nowhere' was not found in /roles
==> googlecompute.mayfly:
==> googlecompute.mayfly: The error appears to be in '/playbook.yml': line 3
Build 'googlecompute.mayfly' errored after 1 second: exit status 1
`
  expect(explain(playbook)).toBe(
    "Ansible could not run the playbook:\nERROR! the role 'nowhere' was not found in /roles\nThe error appears to be in '/playbook.yml': line 3",
  )
})

test("tells a task that fails in the words of today's Ansible, once, and forgets one that may", () => {
  const failed = (name: string) => `    googlecompute.mayfly: TASK [${name}] ****
==> googlecompute.mayfly: [ERROR]: Task failed: Module failed: non-zero return code
==> googlecompute.mayfly: Origin: /work/site.yml:7:7
    googlecompute.mayfly: fatal: [default]: FAILED! => {"msg": "non-zero return code", "rc": 3}
`
  const said = `    googlecompute.mayfly: PLAY [Tools] *****\n${failed('May fail')}    googlecompute.mayfly: ...ignoring\n${failed('Compile')}`
  expect(explain(said)).toBe(`Ansible failed at the task "Compile" of the play "Tools":
[ERROR]: Task failed: Module failed: non-zero return code
Origin: /work/site.yml:7:7
fatal: [default]: FAILED!
  non-zero return code`)
})

test("groups by Packer's phases and Ansible's plays, and takes the build's name from the lines", () => {
  const log = openLog()
  const output = openOutput(log, openMask([]))
  output.write('==> googlecompute.mayfly: Creating inst')
  output.write(
    'ance...\n    googlecompute.mayfly: PLAY [Tools] *****\r\n    googlecompute.mayfly: ok: [default]\nend',
  )
  output.end()
  expect(log.groups).toEqual(['Creating instance', 'Ansible: Tools'])
  expect(log.text()).toBe('Creating instance...\nPLAY [Tools] *****\nok: [default]\nend\n')
})
