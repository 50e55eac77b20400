import type { InputResult, PlannedInput } from '../protocol/records.ts'

/** What is said of inputs, as far as it is known what they stand for. */
export function listInputs(inputs: readonly PlannedInput[] = []): readonly InputResult[] {
  return inputs.flatMap(({ from, to, resolved }) =>
    resolved === undefined ? [] : [{ from, to, ...resolved }],
  )
}
