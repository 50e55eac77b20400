import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readBatch } from '../../core/batch/read.ts'
import { findTool, testWith } from '../tools.ts'

const example = join(import.meta.dirname, '../../examples/warehouse')
const { steps } = readBatch(readFileSync(join(example, 'batch.yaml'), 'utf8'), 'batch.yaml').batch

test('the batch file is valid, its steps run in containers and name files that are there', () => {
  expect(steps.every(({ container }) => container !== undefined)).toBe(true)
  const files = steps.flatMap(({ run = '' }) => run.match(/\w+\.sql/g) ?? [])
  expect(files).toEqual(['items.sql', 'ratings.sql'])
  for (const file of files) expect(existsSync(join(example, file))).toBe(true)
})

test('only the step that needs it has the secret', () => {
  expect(steps.map(({ secrets }) => Object.keys(secrets))).toEqual([[], ['PGPASSWORD']])
})

const shellcheck = findTool('shellcheck', ['shellcheck', '--version'], true)

testWith(shellcheck, 'the scripts of the steps are sound shell', () => {
  for (const { run = '' } of steps)
    execFileSync('shellcheck', ['--shell=sh', '--exclude=SC2154', '-'], { input: run, stdio: 'pipe' })
})
