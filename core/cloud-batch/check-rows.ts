import type { Batch } from '../batch/batch.ts'
import { fits } from '../batch/fill.ts'
import { filledTexts } from '../batch/keys.ts'
import type { BatchFile } from '../batch/read.ts'
import { showText } from '../batch/shape.ts'
import type { Row } from '../batch/task-keys.ts'
import { InputError, type Problem } from '../errors.ts'
import { taskExpressions } from '../template.ts'
import { fillText } from './fill-task.ts'

/**
 * Looks at what rows make of the texts that they are filled into, before any machine does. Throws an InputError where a
 * row makes what could not have been written in its place, or two tasks write to the same one.
 */
export function checkRows(batch: Batch, rows: readonly Row[], locate: BatchFile['locate']): void {
  const problems: Problem[] = []
  const count = rows.length
  const look = (
    text: string | undefined,
    form: keyof typeof filledTexts,
    path: readonly (string | number)[],
  ) => {
    if (text?.match(taskExpressions) == null) return
    const seen = new Map<string, number>()
    for (const [index, row] of rows.entries()) {
      const filled = fillText(text, { index, count, row })
      const first = seen.get(filled)
      seen.set(filled, index)
      const message = !fits(filled, form)
        ? `expected ${filledTexts[form].expected}, got ${showText(filled)} from ${showText(text)} for task ${index}.`
        : form === 'to' && first !== undefined
          ? `tasks ${first} and ${index} would both write to ${showText(filled)}.`
          : undefined
      if (message !== undefined) return void problems.push({ where: locate(path), message })
    }
  }
  for (const [index, { container }] of batch.steps.entries())
    look(container, 'container', ['steps', index, 'container'])
  for (const [index, { name, to }] of batch.outputs.entries()) {
    look(name, 'name', ['outputs', index, 'name'])
    look(to, 'to', ['outputs', index, 'to'])
  }
  if (problems.length > 0) throw new InputError(problems)
}
