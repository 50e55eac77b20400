import { styleText } from 'node:util'

/** The parts of Node's output streams that a terminal host uses. */
interface Stream {
  write(text: string): unknown
  readonly isTTY?: boolean
  readonly columns?: number
}

export interface Streams {
  readonly stdout: Stream
  readonly stderr: Stream
}

type Style = Parameters<typeof styleText>[0]

/** Two streams that may be one terminal, and a progress line that gives way to all else. */
export interface Screen {
  /** Always begins on a line of its own. */
  line(stream: Stream, text: string): void
  /** Goes out as it is, partial lines included. */
  text(stream: Stream, text: string): void
  /** Draws the line anew, on a terminal. */
  progress(text: string): void
  clear(): void
  style(stream: Stream, style: Style, text: string): string
}

export function openScreen({ stdout, stderr }: Streams, env: NodeJS.ProcessEnv): Screen {
  const errors = { atStart: true }
  const results = stdout.isTTY && stderr.isTTY ? errors : { atStart: true }
  const cursorOf = (stream: Stream) => (stream === stdout ? results : errors)
  let drawn = false

  const clear = () => {
    if (drawn) stderr.write('\r\u001b[2K')
    drawn = false
  }
  const text = (stream: Stream, text: string) => {
    if (text === '') return
    clear()
    stream.write(text)
    cursorOf(stream).atStart = text.endsWith('\n')
  }
  const style = (stream: Stream, style: Style, text: string) =>
    wantsColour(stream, env) ? styleText(style, text, { validateStream: false }) : text

  return {
    line: (stream, line) => text(stream, `${cursorOf(stream).atStart ? '' : '\n'}${line}\n`),
    text,
    progress(line) {
      // Among a program's half-written line there is no place for it.
      if (!stderr.isTTY || !errors.atStart) return
      clear()
      stderr.write(style(stderr, 'dim', line.slice(0, (stderr.columns || 80) - 1)))
      drawn = true
    },
    clear,
    style,
  }
}

/** As Node decides it (https://nodejs.org/api/tty.html#writestreamgetcolordepthenv): FORCE_COLOR before NO_COLOR. */
function wantsColour(
  stream: Stream,
  { FORCE_COLOR: force, NO_COLOR: no, TERM: term }: NodeJS.ProcessEnv,
): boolean {
  if (force !== undefined) return force !== '0' && force !== 'false'
  return !no && term !== 'dumb' && stream.isTTY === true
}
