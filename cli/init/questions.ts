import { createInterface } from 'node:readline'
import { exitCodes, MayflyError } from '../../core/errors.ts'

/** Something to ask. */
export interface Question {
  readonly text: string
  /** The answer when none is given, which may follow from the answers before it. */
  readonly usual: (answers: Readonly<Record<string, string>>) => string
  /** What is wrong with an answer, if anything is. */
  readonly findFault: (answer: string) => string | undefined
}

/** Whether somebody can answer: both ends are a terminal. */
export function canAsk(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true
}

/** Asks on the terminal until every answer can be used. The signal ends it, with its reason. */
export async function askQuestions<Name extends string>(
  questions: Readonly<Record<Name, Question>>,
  signal: AbortSignal,
): Promise<Readonly<Record<Name, string>>> {
  // Answers are for whoever asks, and standard output is for the result.
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  // The terminal makes no signal of Ctrl-C while readline edits the line; the whole program is to have it.
  terminal.on('SIGINT', () => process.kill(process.pid, 'SIGINT'))
  const stop = () => terminal.close()
  signal.addEventListener('abort', stop)
  // `question` would lose the lines that are typed ahead.
  const lines = terminal[Symbol.asyncIterator]()
  const answers: Record<string, string> = {}
  try {
    for (const [name, question] of Object.entries<Question>(questions)) {
      answers[name] = await ask(question, answers, async (text) => {
        terminal.setPrompt(text)
        terminal.prompt()
        const { done, value } = await lines.next()
        signal.throwIfAborted()
        if (!done) return value
        const message = 'The questions were not answered to the end. Nothing was written.'
        throw new MayflyError(message, exitCodes.badInput)
      })
    }
  } finally {
    signal.removeEventListener('abort', stop)
    terminal.close()
  }
  return answers as Record<Name, string>
}

async function ask(
  { text, usual: guess, findFault }: Question,
  answers: Readonly<Record<string, string>>,
  question: (text: string) => Promise<string>,
): Promise<string> {
  const usual = guess(answers)
  for (;;) {
    const answer = (await question(`${text} [${usual}]: `)).trim() || usual
    const fault = findFault(answer)
    if (fault === undefined) return answer
    process.stderr.write(`  ${fault}\n`)
  }
}
