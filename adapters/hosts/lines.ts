import type { Program } from './program.ts'

/** A log of whole lines among which a user's text may end anywhere. */
export interface Lines {
  /** Always begins on a line of its own. */
  line(text: string): void
  /** Goes out as it is, partial lines included. */
  text(text: string): void
}

/** Lines on standard output. CI systems mix two streams out of order, so that everything goes to one. */
export function openLines({ stdout }: Program): Lines {
  let atStart = true
  const write = (text: string) => {
    if (text === '') return
    stdout.write(text)
    atStart = text.endsWith('\n')
  }
  return {
    line: (text) => write(`${atStart ? '' : '\n'}${text}\n`),
    text: write,
  }
}
