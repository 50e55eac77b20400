/** A batch file and what the reader says of it, without the file's name in front. */
export interface Example {
  readonly what: string
  readonly source: string
  readonly problems: readonly string[]
  /** Why JSON Schema cannot see the problem. */
  readonly beyondSchema?: string
}

const lines = {
  name: 'name: train',
  machine: 'machine: { image: ml-batch, cpus: 8, zones: [asia-northeast1-b] }',
  timeout: 'timeout: 2h',
  steps: 'steps: [{ run: make }]',
}

/** A good file of four lines: name, machine, timeout, steps. Each may be replaced; `more` follows from line 5 on. */
export function writeBatch(changes: Partial<typeof lines> & { readonly more?: string } = {}): string {
  const { more, ...rest } = changes
  return [...Object.values({ ...lines, ...rest }), ...(more === undefined ? [] : [more]), ''].join('\n')
}

/** A batch whose machine has these keys beside image and zones, on line 2. */
export function machine(keys: string): string {
  return writeBatch({ machine: `machine: { image: ml-batch, zones: [us-east1-b], ${keys} }` })
}

/** A batch with this image. */
export function image(name: string): string {
  return writeBatch({ machine: `machine: { image: ${name}, cpus: 8, zones: [us-east1-b] }` })
}

/** A batch with these zones. */
export function zones(list: string): string {
  return writeBatch({ machine: `machine: { image: ml-batch, cpus: 8, zones: ${list} }` })
}

/** A batch with this timeout, on line 3. */
export function timeout(text: string): string {
  return writeBatch({ timeout: `timeout: ${text}` })
}

/** A batch with one step of these keys, on line 4. */
export function step(keys: string): string {
  return writeBatch({ steps: `steps: [{ ${keys} }]` })
}

/** A batch with one param, p, on line 6. */
export function param(text: string): string {
  return writeBatch({ more: `params:\n  p: ${text}` })
}

/** A batch with one output, on line 6. */
export function output(keys: string): string {
  return writeBatch({ more: `outputs:\n  - { ${keys} }` })
}

/** A batch with one input, on line 6. */
export function input(keys: string): string {
  return writeBatch({ more: `inputs:\n  - { ${keys} }` })
}
