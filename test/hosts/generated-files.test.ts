import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, normalize, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { actionTasks } from '../../actions/tasks.ts'
import { text } from '../../core/fields.ts'
import { writeTaskAction } from '../../scripts/generate/action-file.ts'
import { generateFiles } from '../../scripts/generate/files.ts'
import { fillPage } from '../../scripts/generate/pages.ts'
import { writeRootAction } from '../../scripts/generate/root-action.ts'
import { writeTables } from '../../scripts/generate/tables.ts'
import { echo } from './fixtures/echo.ts'

interface ActionFile {
  readonly name: string
  readonly description: string
  readonly branding: { readonly icon: string; readonly color: string }
  readonly inputs: Record<string, { description: string; required?: true; default?: unknown }>
  readonly outputs: Record<string, { description: string }>
  readonly runs: { readonly using: string; readonly main: string; readonly post?: string }
}

test('the generated files are up to date', () => {
  const stale = generateFiles().filter(
    ({ path, text }) => !existsSync(path) || readFileSync(path, 'utf8') !== text,
  )
  expect(stale.map(({ path }) => path)).toEqual([])
})

test('the generator writes what is stale, and --check only lists it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'generate-'))
  const generate = (...args: readonly string[]) =>
    spawnSync(process.execPath, [resolve('scripts/generate.ts'), ...args], { cwd: folder, encoding: 'utf8' })

  const before = generate('--check')
  const absent = !existsSync(join(folder, 'action.yml'))
  generate()
  const after = generate('--check')
  rmSync(folder, { recursive: true })

  expect(before.status).toBe(1)
  expect(before.stderr).toContain('action.yml is out of date: run node scripts/generate.ts\n')
  expect(absent).toBe(true)
  expect(after).toMatchObject({ status: 0, stderr: '' })
})

const actions = ['action.yml', ...actionTasks.map(({ name }) => `actions/${name}/action.yml`)]

test.each(actions)('%s is one that the runner takes', (path) => {
  const { name, description, runs, inputs, outputs } = parse(readFileSync(path, 'utf8')) as ActionFile

  expect(name).toMatch(/^Mayfly/)
  expect(runs.using).toBe('node24')
  for (const script of [runs.main, ...(runs.post === undefined ? [] : [runs.post])]) {
    const bundle = normalize(join(dirname(path), script))
    expect(bundle).toMatch(/^dist\/.*\.js$/)
    expect(existsSync(bundle.replace(/^dist\/(.*)\.js$/, '$1.ts'))).toBe(true)
  }
  const described = [...Object.values(inputs), ...Object.values(outputs)].map((one) => one.description)
  for (const one of [description, ...described]) expect(one).not.toContain('${{')
  for (const one of Object.values(inputs)) expect(['string', 'undefined']).toContain(typeof one.default)
})

test('the root action has the inputs and outputs of all tasks, and no default of any', () => {
  const { inputs, outputs, runs } = parse(readFileSync('action.yml', 'utf8')) as ActionFile
  const all = actionTasks.flatMap((task) => Object.keys(task.fields))

  expect(Object.keys(inputs).sort()).toEqual([...new Set([...all, 'task', 'matrix'])].sort())
  expect(Object.keys(inputs).filter((name) => inputs[name]?.default !== undefined)).toEqual(['matrix'])
  expect(Object.keys(outputs)).toEqual([...new Set(actionTasks.flatMap((task) => Object.keys(task.outputs)))])
  expect(runs).toHaveProperty('post')
})

const odd = {
  ...echo,
  name: 'odd',
  fields: {
    region: text({ description: 'Where.', default: 'here', env: ['REGION', 'ZONE'], required: true }),
    key: text({ description: 'A | name.', example: 'daily-${{ params.date }}', required: true }),
    say: text({ description: 'Other words.', default: 'bye' }),
  },
} as const

test('a default never hides the environment, and an expression never stands in a description', () => {
  const { inputs, runs } = parse(writeTaskAction(odd).text) as ActionFile

  expect(inputs.region).toEqual({
    description: 'Where. Without it, `REGION` or `ZONE` of the environment.',
  })
  expect(inputs.key).toEqual({ description: 'A | name. For example `daily-<params.date>`.', required: true })
  expect(inputs.say).toMatchObject({ default: 'bye' })
  expect(inputs.matrix?.default).toBe('${{ toJSON(matrix) }}')
  expect(runs).toEqual({ using: 'node24', main: '../../dist/actions/odd/main.js' })
})

test('where tasks differ, the root action says which it speaks of', () => {
  const { inputs } = parse(writeRootAction([echo, odd]).text) as ActionFile

  expect(inputs.task).toEqual({ description: 'What to do: `echo` or `odd`.', required: true })
  expect(inputs.say?.description).toBe(
    'echo: Text of the user. Default: `hello`. odd: Other words. Default: `bye`.',
  )
  expect(inputs.loud?.description).toBe('echo: Yes or no. Default: `false`.')
})

test('tables go in between their markers, and only there', () => {
  const page = 'before\n<!-- mayfly:odd-inputs -->\nold\n<!-- /mayfly:odd-inputs -->\nafter\n'
  const filled = fillPage('page.md', page, writeTables([odd]))

  expect(filled.split('\n')).toEqual([
    'before',
    '<!-- mayfly:odd-inputs -->',
    '',
    '| Input    | Description                                               | Default                      |',
    '| -------- | --------------------------------------------------------- | ---------------------------- |',
    '| `region` | Where. Without it, `REGION` or `ZONE` of the environment. | the environment, else `here` |',
    '| `key`    | A \\| name. For example `daily-${{ params.date }}`.        | required                     |',
    '| `say`    | Other words.                                              | `bye`                        |',
    '',
    '<!-- /mayfly:odd-inputs -->',
    'after',
    '',
  ])
  expect(fillPage('page.md', filled, writeTables([odd]))).toBe(filled)
})

test('a page that asks for what there is not is refused', () => {
  const fill = (page: string) => () => fillPage('page.md', page, { known: 'table' })

  expect(fill('<!-- mayfly:knwon -->\n<!-- /mayfly:knwon -->')).toThrow(
    /^page\.md: there is no table "knwon"\. There are known\.$/,
  )
  expect(fill('<!-- mayfly:known -->')).toThrow(/^page\.md: 1 tables are opened and 0 closed\.$/)
})

test('the image of the plugins has a target for every plugin', () => {
  const dockerfile = readFileSync('drone-plugins/Dockerfile', 'utf8')
  const targets = [...dockerfile.matchAll(/^FROM plugin AS (\S+)$/gm)].map(([, target]) => target)
  const entries = [...dockerfile.matchAll(/^ENTRYPOINT \["node", "\/mayfly\/(.+)"\]$/gm)].map(
    ([, entry]) => entry,
  )

  expect(targets).toEqual(actionTasks.map(({ name }) => name))
  expect(entries).toEqual(targets.map((target) => `dist/drone-plugins/${target}/main.js`))
  for (const target of targets) expect(existsSync(`drone-plugins/${target}/main.ts`)).toBe(true)
})
