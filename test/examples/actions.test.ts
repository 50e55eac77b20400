import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { actionTasks } from '../../actions/tasks.ts'

interface Described {
  readonly description: string
}

interface ActionFile {
  readonly description: string
  readonly branding: { readonly icon: string; readonly color: string }
  readonly inputs: Readonly<Record<string, Described>>
  readonly outputs: Readonly<Record<string, Described>>
  readonly runs: Readonly<Record<string, string>>
}

const paths = ['action.yml', ...actionTasks.map(({ name }) => `actions/${name}/action.yml`)]
const read = (path: string) => parse(readFileSync(path, 'utf8')) as ActionFile

// https://docs.github.com/en/actions/reference/workflows-and-actions/metadata-syntax
const colors = ['white', 'black', 'yellow', 'blue', 'green', 'orange', 'red', 'purple', 'gray-dark']

test.each(paths)('%s keeps to the words and forms of action.yml', (path) => {
  const action = read(path)
  const { description, branding, inputs, outputs, runs } = action

  expect(Object.keys(action)).toEqual(['name', 'description', 'branding', 'inputs', 'outputs', 'runs'])
  expect(colors).toContain(branding.color)
  // The Marketplace takes no more.
  expect(description.length).toBeLessThanOrEqual(125)
  for (const id of [...Object.keys(inputs), ...Object.keys(outputs)]) expect(id).toMatch(/^[A-Za-z_][\w-]*$/)
  // The runner names inputs INPUT_<upper case>: two that differ in case only would be one.
  const names = Object.keys(inputs).map((id) => id.toUpperCase())
  expect(new Set(names).size).toBe(names.length)
  for (const key of Object.keys(runs))
    expect(['using', 'main', 'post', 'post-if', 'pre', 'pre-if']).toContain(key)
})

test('no two actions of the repository have one name', () => {
  const names = paths.map((path) => (parse(readFileSync(path, 'utf8')) as { name: string }).name)
  expect(new Set(names).size).toBe(paths.length)
})
