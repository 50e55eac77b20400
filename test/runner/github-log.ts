/** What the runner puts beside a file or on the page of a run. */
export interface Annotation {
  readonly level: 'error' | 'warning' | 'notice'
  readonly message: string
  readonly file?: string
  readonly line?: number
  readonly column?: number
}

interface Command {
  readonly name: string
  readonly properties: Readonly<Record<string, string>>
  readonly data: string
}

/** The runner's reading of a step's output. */
export interface GithubLog {
  /** All that the runner acted upon. */
  readonly commands: readonly Command[]
  readonly annotations: readonly Annotation[]
  readonly masks: readonly string[]
  feed(text: string): void
  end(): void
}

const levels = ['error', 'warning', 'notice'] as const
const others =
  'add-mask add-matcher add-path debug echo endgroup group remove-matcher save-state set-env set-output'
const registered: ReadonlySet<string> = new Set([...levels, ...others.split(' '), 'stop-commands'])

/** Reads workflow commands as the runner does (ActionCommand.cs, ActionCommandManager.cs); shows the rest, masked. */
export function openGithubLog(show: (line: string) => void, inherited: readonly string[] = []): GithubLog {
  const commands: Command[] = []
  const annotations: Annotation[] = []
  const masks = [...inherited]
  let token: string | undefined
  let pending = ''
  const showMasked = (line: string) => {
    const longestFirst = [...masks].sort((a, b) => b.length - a.length)
    show(longestFirst.reduce((masked, mask) => masked.replaceAll(mask, '***'), line))
  }
  const act = (command: Command, line: string): void => {
    const { name, data } = command
    const level = levels.find((one) => one === name)
    commands.push(command)
    if (level !== undefined) annotations.push(readAnnotation(level, command))
    if (name === 'stop-commands') token = data
    if (name === 'add-mask') masks.push(data, ...data.split(/\r?\n/).filter((part) => part !== ''))
    if (name === 'stop-commands') showMasked(line)
    if (level !== undefined || name.endsWith('group')) showMasked(`##[${name}]${data}`)
  }
  const read = (line: string): void => {
    const command = parseCommand(line, token)
    if (command !== undefined && token === undefined) act(command, line)
    else showMasked(line)
    if (command?.name === token) token = undefined
  }
  return {
    commands,
    annotations,
    masks,
    feed(text) {
      const lines = (pending + text).split(/\r\n|\n|\r(?!$)/)
      pending = lines.pop() ?? ''
      for (const line of lines) read(line)
    },
    end() {
      if (pending !== '') read(pending)
      pending = ''
    },
  }
}

function parseCommand(line: string, token: string | undefined): Command | undefined {
  const modern = /^\s*::([^\s:]+)(?:\s+(.*?))?::(.*)$/s.exec(line)
  const old = /##\[([^\s\]]+)(?:\s+([^\]]*))?\](.*)$/s.exec(line)
  for (const [match, separator] of [
    [modern, ','],
    [old, ';'],
  ] as const) {
    const [, name, properties = '', data = ''] = match ?? []
    if (name !== undefined && (registered.has(name) || name === token)) {
      return { name, properties: parseProperties(properties, separator), data: unescapeText(data) }
    }
  }
  return undefined
}

function parseProperties(text: string, separator: string): Record<string, string> {
  const pairs = text.split(separator).filter((pair) => pair.includes('='))
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=')
      return [pair.slice(0, at).trim(), unescapeText(pair.slice(at + 1))]
    }),
  )
}

function unescapeText(text: string): string {
  const characters: Record<string, string> = { '0D': '\r', '0A': '\n', '3A': ':', '2C': ',', '25': '%' }
  return text.replace(/%(0D|0A|3A|2C|25)/g, (_, code: string) => characters[code] ?? '')
}

function readAnnotation(level: Annotation['level'], { data, properties }: Command): Annotation {
  const { file, line, col } = properties
  return {
    level,
    message: data,
    ...(file !== undefined && { file }),
    ...(line !== undefined && { line: Number(line) }),
    ...(col !== undefined && { column: Number(col) }),
  }
}
