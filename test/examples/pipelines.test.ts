import { basename } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect, test } from 'vitest'
import { actionTasks } from '../../actions/tasks.ts'
import { openPluginHost } from '../../adapters/hosts/detect.ts'
import { readBatch } from '../../core/batch/read.ts'
import { describeBatch } from '../../core/batch/schema.ts'
import { readInputs } from '../../core/fields.ts'
import { openSilence } from '../hosts/fixtures/silence.ts'
import { nameSettings } from '../runner/drone.ts'
import { readShown, type Shown } from './pages.ts'

const shown = readShown()

interface Step {
  readonly name?: string
  readonly image?: string
  readonly settings?: Readonly<Record<string, unknown>>
}

const readSteps = ({ document }: Shown) => (Array.isArray(document.steps) ? (document.steps as Step[]) : [])
const isPlugin = ({ image = '' }: Step) => /(^|\/)OWNER\/mayfly-/.test(image)

const pipelines = shown.filter((one) => readSteps(one).some(isPlugin))
const drone = pipelines.filter(({ document }) => 'kind' in document)
const woodpecker = pipelines.filter(({ document }) => 'when' in document)

/** Settings as they come out of a CI system: `${NAME:-word}` filled in, and `$$` a dollar. */
function fillIn(value: unknown): unknown {
  const text = JSON.stringify(value)
  const filled = text.replace(/\$\$|\$\{(\w+)(?::-([^}]*))?\}/g, (all, _, word = 'v1') =>
    all === '$$' ? '$' : word,
  )
  return JSON.parse(filled)
}

const secret = '{"type":"authorized_user"}'
const isSecret = (value: unknown) => Object.keys(Object(value)).join() === 'from_secret'

test.each(pipelines)('$where: every plugin takes its settings', (pipeline) => {
  const system = pipeline.document.kind === 'pipeline' ? 'drone' : 'woodpecker'
  for (const { image, settings = {} } of readSteps(pipeline).filter(isPlugin)) {
    const name = image?.replace(/^.*\/mayfly-/, '').replace(/:.*$/, '')
    const task = actionTasks.find((task) => task.name === name)
    const given = Object.entries(settings).map(([key, value]) => [
      key,
      isSecret(value) ? secret : fillIn(value),
    ])
    const env = nameSettings(Object.fromEntries(given), system)
    const program = openSilence()
    const host = openPluginHost({ ...env, ...(system === 'woodpecker' && { CI: 'woodpecker' }) }, program)
    const source = { given: host.given(), spell: (key: string) => key, env: () => undefined }
    program.emit('exit')

    expect(task, image).toBeDefined()
    expect(() => readInputs(task?.fields ?? {}, source)).not.toThrow()
  }
})

test('Drone: every pipeline has what Drone asks for, and a name of its own in its file', () => {
  expect(drone.length).toBeGreaterThan(5)
  for (const { where, document } of drone)
    expect(document, where).toMatchObject({ kind: 'pipeline', type: 'docker', name: expect.any(String) })
  const names = drone.map(({ where, document }) => `${where} ${document.name}`)
  expect(new Set(names).size).toBe(names.length)
})

test('Woodpecker: every workflow says when, and names its steps', () => {
  expect(woodpecker.length).toBeGreaterThan(5)
  for (const one of woodpecker) {
    expect(one.document.when, one.where).toEqual(expect.any(Array))
    for (const step of readSteps(one)) expect(step, one.where).toMatchObject({ name: expect.any(String) })
  }
})

const batches = shown.filter(
  ({ where, document }) => 'machine' in document || /^(batch|smoke).*\.yaml$/.test(basename(where)),
)
const validate = new Ajv2020({ allowUnionTypes: true }).compile(describeBatch())

test.each(batches)('$where is a batch, for an editor and for Mayfly', ({ where, text, document }) => {
  expect(validate(document), JSON.stringify(validate.errors)).toBe(true)
  expect(readBatch(text, where).batch.steps.length).toBeGreaterThan(0)
})
