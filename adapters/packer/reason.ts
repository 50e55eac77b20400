import type { Line } from './output.ts'

const limit = 20

export interface Reason {
  take(line: Line): void
  give(): string
  /** All that was said of the failure, for who looks for a place in it. */
  text(): string
  /** The title of the task that failed, where one did. */
  task(): string | undefined
}

/** Listens for the line that tells why a build failed: of Ansible's task, of Ansible itself, else of Packer. */
export function openReason(): Reason {
  let play = ''
  let task = ''
  let ansible: string[] = []
  let packer: string[] = []
  let said: string[] = []
  let failed: string | undefined
  // Where lines that follow belong to.
  let open: string[] | undefined
  const tellTask = () => `Ansible failed at the task "${task}" of the play "${play}":`
  return {
    take({ text }) {
      const [, kind, title = ''] = /^(PLAY|TASK|RUNNING HANDLER) \[(.*)\] \*+$/.exec(text) ?? []
      if (kind !== undefined) {
        if (kind === 'PLAY') play = title
        else task = title
        open = undefined
      } else if (text.startsWith('...ignoring')) {
        ansible = []
        said = []
        failed = undefined
        open = undefined
      } else if (/^(fatal|failed): \[/.test(text)) {
        // Several machines or items may fail at one task.
        if (ansible.length === 0) ansible.push(tellTask())
        const lines = readFatal(text)
        ansible.push(...lines)
        said.push(...lines)
        failed = task
        open = ansible
      } else if (/^(ERROR!|\[ERROR\]:?)/.test(text)) {
        const isTask = /^\[ERROR\]:? Task failed/.test(text)
        if (ansible.length === 0) ansible.push(isTask ? tellTask() : 'Ansible could not run the playbook:')
        ansible.push(text)
        said.push(text)
        open = ansible
      } else if (/^(Error: |Build '.*' errored)/.test(text)) {
        packer.push(text)
        open = packer
      } else if (/^(PLAY RECAP|NO MORE HOSTS LEFT|==> |--> |Provisioning step had errors)/.test(text)) {
        open = undefined
      } else if (open !== undefined && text.trim() !== '') {
        said.push(text)
        if (open.length < limit) open.push(text)
      }
    },
    give() {
      packer = packer.filter((line) => !/^Error: $/.test(line))
      return (ansible.length > 0 ? ansible : packer).slice(0, limit).join('\n')
    },
    text: () => said.join('\n'),
    task: () => failed,
  }
}

interface Result {
  readonly msg?: unknown
  readonly stdout?: unknown
  readonly stderr?: unknown
  readonly module_stderr?: unknown
}

/** Ansible gives a failed task's result as JSON on one line: its message and the end of what the task's program said. */
function readFatal(line: string): readonly string[] {
  const [, head = '', json = ''] = /^(.*?) => (\{.*\})$/.exec(line) ?? []
  let result: Result
  try {
    result = JSON.parse(json) as Result
  } catch {
    return [line]
  }
  const said = [result.stderr, result.module_stderr, result.stdout].find(
    (text) => typeof text === 'string' && text,
  )
  const tail = typeof said === 'string' ? said.trimEnd().split('\n').slice(-10) : []
  const message = typeof result.msg === 'string' ? result.msg.trimEnd().split('\n') : [json]
  return [head, ...[...message, ...tail.filter((one) => !message.includes(one))].map((one) => `  ${one}`)]
}
