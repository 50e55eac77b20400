import { existsSync } from 'node:fs'
import { stringify } from 'yaml'
import type { Field } from '../../core/fields.ts'
import type { Task } from '../../core/task.ts'
import { mapEntries } from './entries.ts'
import { describeField, isRequired, readDefault } from './field-text.ts'
import type { GeneratedFile } from './files.ts'

interface Input {
  readonly description: string
  readonly required?: true
  readonly default?: string
}

interface Action {
  readonly name: string
  readonly description: string
  readonly inputs: Readonly<Record<string, Input>>
  /** Name → description. */
  readonly outputs: Readonly<Record<string, string>>
  readonly main: string
  readonly post?: string
}

/** The action of one task, with a post step where the task has one. */
export function writeTaskAction(task: Task): GeneratedFile {
  const folder = `actions/${task.name}`
  const post = existsSync(`${folder}/post.ts`) ? { post: `../../dist/${folder}/post.js` } : {}
  return writeAction(`${folder}/action.yml`, {
    name: `Mayfly: ${task.name}`,
    description: task.summary,
    inputs: mapEntries(task.fields, describeInput),
    outputs: task.outputs,
    main: `../../dist/${folder}/main.js`,
    ...post,
  })
}

function describeInput(field: Field<unknown>): Input {
  const value = readDefault(field)
  return {
    description: describeField(field),
    ...(isRequired(field) && { required: true }),
    // A default given here would hide the environment variables that come before it.
    ...(value !== undefined && field.env === undefined && { default: value }),
  }
}

const header = '# Written by scripts/generate.ts from the declarations in core/tasks; edit those.\n'

/** The runner shows the matrix to nothing of an action but the default of an input; see adapters/hosts/github.ts. */
const matrix: Input = {
  description: 'Tells the jobs of a matrix apart. GitHub fills it in; leave it alone.',
  default: '${{ toJSON(matrix) }}',
}

/** An action.yml. */
export function writeAction(path: string, action: Action): GeneratedFile {
  const { name, description, main, post } = action
  const guardInput = (input: Input) => ({ ...input, description: guard(input.description) })
  const document = {
    name,
    description,
    branding: { icon: 'feather', color: 'green' },
    inputs: { ...mapEntries(action.inputs, guardInput), matrix },
    outputs: mapEntries(action.outputs, (output) => ({ description: guard(output) })),
    runs: { using: 'node24', main, ...(post !== undefined && { post }) },
  }
  return { path, text: header + stringify(document, { lineWidth: 0 }) }
}

/** The runner looks for expressions in descriptions too, and refuses an action that has one (TemplateReader.cs). */
function guard(description: string): string {
  return description.replace(/\$\{\{\s*(.*?)\s*\}\}/g, '<$1>')
}
