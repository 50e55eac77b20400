import { InputError, type Problem } from '../errors.ts'
import { checkTemplate, expressionStart, fillTemplate, taskExpressions } from '../template.ts'
import type { Batch, Input, Output, Step } from './batch.ts'
import { filledTexts } from './keys.ts'
import type { BatchFile } from './read.ts'
import { showText } from './shape.ts'

/**
 * The batch with every `${{ }}` filled. Throws an InputError where a value is missing, or makes of a text what could
 * not have been written in its place: a container that is an option, a name that leaves the depot's folder.
 */
export function fillBatch({ batch, locate }: BatchFile, values: Readonly<Record<string, string>>): Batch {
  const problems: Problem[] = []
  const names = Object.keys(values)

  const fill = (text: string, path: readonly (string | number)[], form?: keyof typeof filledTexts) => {
    const complain = (message: string) => problems.push({ where: locate(path), message })
    const missing = checkTemplate(text, names)
    for (const { message } of missing) complain(message)
    if (missing.length > 0) return text
    const filled = fillTemplate(text, values)
    if (form !== undefined && filled !== text && !fits(filled, form))
      complain(`expected ${filledTexts[form].expected}, got ${showText(filled)} from ${showText(text)}.`)
    return filled
  }
  const fillEnv = (env: Readonly<Record<string, string>>, path: readonly (string | number)[]) =>
    Object.fromEntries(Object.entries(env).map(([name, text]) => [name, fill(text, [...path, name])]))
  const fillStep = (step: Step, index: number): Step => ({
    ...step,
    env: fillEnv(step.env, ['steps', index, 'env']),
    ...(step.container !== undefined && {
      container: fill(step.container, ['steps', index, 'container'], 'container'),
    }),
  })
  const fillInput = ({ from, to }: Input, index: number): Input => ({
    from: fill(from, ['inputs', index, 'from'], 'from'),
    to: fill(to, ['inputs', index, 'to'], 'into'),
  })
  const fillOutput = (output: Output, index: number): Output => ({
    ...output,
    name: fill(output.name, ['outputs', index, 'name'], 'name'),
    ...(output.to !== undefined && { to: fill(output.to, ['outputs', index, 'to'], 'to') }),
  })

  const filled = {
    ...batch,
    env: fillEnv(batch.env, ['env']),
    inputs: batch.inputs.map(fillInput),
    steps: batch.steps.map(fillStep),
    outputs: batch.outputs.map(fillOutput),
  }
  for (const [index, { name }] of filled.outputs.entries()) {
    const first = filled.outputs.findIndex((output) => output.name === name)
    if (first < index)
      problems.push({
        where: locate(['outputs', index, 'name']),
        message: `two outputs are called ${showText(name)}, the first at ${locate(['outputs', first])}.`,
      })
  }
  if (problems.length > 0) throw new InputError(problems)
  return filled
}

/** Whether a text may stand in such a place; what each task fills in for itself is left in it. */
export function fits(text: string, form: keyof typeof filledTexts): boolean {
  return filledTexts[form].pattern.test(text) && !text.replace(taskExpressions, '').includes(expressionStart)
}
