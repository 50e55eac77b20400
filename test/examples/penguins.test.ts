import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readBatch } from '../../core/batch/read.ts'
import { findTool, testWith } from '../tools.ts'

const example = join(import.meta.dirname, '../../examples/penguins')

/** A copy of the example, in which its steps can write. */
function openExample() {
  const folder = mkdtempSync(join(tmpdir(), 'mayfly-penguins-'))
  cpSync(example, folder, { recursive: true })
  const read = (path: string) => readFileSync(join(folder, path), 'utf8')
  return {
    run(program: string, script: string, env: Record<string, string> = {}) {
      const { status, stdout, stderr } = spawnSync(program, [script], {
        cwd: folder,
        encoding: 'utf8',
        env: { PATH: process.env.PATH, ...env },
      })
      return { status, stdout, stderr }
    },
    read,
    readMetrics: () => JSON.parse(read('metrics.json')) as Metrics,
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  }
}

interface Metrics {
  readonly examples: number
  readonly accuracy: number
  readonly baselineAccuracy: number
  readonly logLoss: number
  readonly confusion: readonly (readonly number[])[]
}

const node = process.execPath

test('the model beats the baseline by far, and its figures add up', () => {
  using penguins = openExample()
  for (const step of ['prepare.mjs', 'train.mjs', 'evaluate.mjs'])
    expect(penguins.run(node, step, { SEED: '3', DATE: '2026-11-01' })).toMatchObject({
      status: 0,
      stderr: '',
    })

  const metrics = penguins.readMetrics()
  const rows = penguins.read('scores/scores.csv').trimEnd().split('\n').slice(1)
  const right = rows.filter((row) => row.split(',')[1] === row.split(',')[2])
  expect(rows).toHaveLength(metrics.examples)
  expect(metrics.accuracy).toBe(right.length / rows.length)
  expect(metrics.confusion.flat().reduce((sum, count) => sum + count)).toBe(metrics.examples)
  expect(metrics.accuracy).toBeGreaterThan(0.95)
  expect(metrics.baselineAccuracy).toBeCloseTo(30 / 69)
  expect(metrics.logLoss).toBeLessThan(0.1)
  expect(JSON.parse(penguins.read('model/model.json')).trained).toBe('2026-11-01')
})

test('no penguin is learned from and held out; the seed decides which', () => {
  using penguins = openExample()
  const split = (seed: string) => {
    penguins.run(node, 'prepare.mjs', { SEED: seed })
    return ['work/train.csv', 'work/test.csv'].map((path) =>
      penguins
        .read(path)
        .trimEnd()
        .split('\n')
        .slice(1)
        .map((row) => row.split(',')[0]),
    )
  }
  const [train = [], held = []] = split('3')

  expect(new Set([...train, ...held]).size).toBe(342)
  expect(train.length + held.length).toBe(342)
  expect(split('3')).toEqual([train, held])
  expect(split('4')[1]).not.toEqual(held)
})

test('a model that is not good enough fails the batch, and its figures are there', () => {
  using penguins = openExample()
  penguins.run(node, 'prepare.mjs')
  penguins.run(node, 'train.mjs')
  const { status, stderr } = penguins.run(node, 'evaluate.mjs', { MIN_ACCURACY: '0.999' })

  expect(status).toBe(1)
  expect(stderr).toMatch(/^Accuracy \d\d\.\d % is below the 99\.9 % that was asked for\.\n$/)
  expect(penguins.readMetrics().accuracy).toBeGreaterThan(0.95)
})

const python = findTool('python3', ['python3', '-c', 'import sys; assert sys.version_info >= (3, 8)'], false)

testWith(python, 'the Python of the containers learns the same', () => {
  using penguins = openExample()
  for (const step of ['prepare.mjs', 'train.mjs', 'evaluate.mjs']) penguins.run(node, step)
  const { confusion, logLoss } = penguins.readMetrics()
  for (const step of ['train.py', 'evaluate.py'])
    expect(penguins.run('python3', `containers/${step}`)).toMatchObject({ status: 0, stderr: '' })

  expect(penguins.readMetrics().confusion).toEqual(confusion)
  expect(penguins.readMetrics().logLoss).toBeCloseTo(logLoss, 6)
})

const r = findTool('Rscript', ['Rscript', '--version'], false)

testWith(r, 'the R of the containers prepares the same kind of tables', () => {
  using penguins = openExample()
  expect(penguins.run('Rscript', 'containers/prepare.R').status).toBe(0)
  for (const step of ['train.mjs', 'evaluate.mjs']) expect(penguins.run(node, step).status).toBe(0)
  expect(penguins.readMetrics()).toMatchObject({ examples: 69 })
})

test('the batch files are valid, and name files that are there', () => {
  for (const file of readdirSync(example).filter((name) => name.endsWith('.yaml'))) {
    const { batch } = readBatch(readFileSync(join(example, file), 'utf8'), file)
    const scripts = batch.steps.map(({ run }) => run?.split(' ').at(-1) ?? '')
    for (const script of scripts) expect(readFileSync(join(example, script), 'utf8')).not.toBe('')
    const made = batch.inputs.length === 0 ? ['model', 'scores', 'metrics.json'] : ['metrics.json']
    expect(batch.outputs.map(({ name }) => name)).toEqual(made)
  }
})

test('a fresh clone of the example has nothing that its steps write', () => {
  const tracked = execFileSync('git', ['ls-files', '.'], { cwd: example, encoding: 'utf8' })
  expect(tracked).not.toMatch(/^(work|model|scores)\/|metrics\.json/m)
  expect(tracked).toContain('data/penguins.csv')
})
