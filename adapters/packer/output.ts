import type { Log } from '../../core/host.ts'
import { type Mask, openLines } from './mask.ts'
import { openReason, type Reason } from './reason.ts'

/** What Packer says before something that takes its time. */
const phases =
  /^(Creating instance|Waiting for SSH|Connected to SSH|Provisioning with|Deleting instance|Creating image|Running post-processor|Cancelling)/i

export interface Output {
  write(text: string): void
  /** Takes what came last, and closes the group. */
  end(): void
  /** Why it failed, from what was said. */
  readonly reason: Omit<Reason, 'take'>
  /** The end of what was said. */
  tail(): string
}

/** Follows what Packer and Ansible say: to the log line by line without secrets, in groups, with an eye on failures. */
export function openOutput(log: Log, mask: Mask): Output {
  const reason = openReason()
  const last: string[] = []
  let grouped = false
  const group = (title: string) => {
    grouped = true
    log.group(title)
  }
  const lines = openLines((raw) => {
    const line = mask(raw)
    const said = readLine(line)
    reason.take(said)
    last.push(line)
    if (last.length > 100) last.shift()
    const title = findTitle(said)
    if (title !== undefined) group(title)
    log.output(`${said.text}\n`)
  })
  return {
    write: (text) => lines.write(text),
    end() {
      lines.end()
      if (grouped) log.endGroup()
      grouped = false
    },
    reason,
    tail: () => last.join('\n'),
  }
}

export interface Line {
  readonly text: string
  /** Packer's own word about a build: `==> name: …`. Ansible's comes indented. */
  readonly loud: boolean
}

/** Takes away the name of the build that Packer puts before every line. */
function readLine(line: string): Line {
  const [, arrow, text] = /^(==>| {3}) [\w.-]+: ?(.*)$/.exec(line) ?? []
  return text === undefined ? { text: line, loud: false } : { text, loud: arrow === '==>' }
}

function findTitle({ text, loud }: Line): string | undefined {
  if (loud && phases.test(text)) return text.replace(/\.{3}$/, '')
  const [, play] = /^PLAY \[(.*)\] \*+$/.exec(text) ?? []
  return play === undefined ? undefined : `Ansible: ${play}`
}
