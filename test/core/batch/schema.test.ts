import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { describeBatch } from '../../../core/batch/schema.ts'
import { generateBatchSchema } from '../../../scripts/generate/batch-schema.ts'
import { examples } from './examples.ts'

test('schema/batch.json is what the declaration of the keys gives', () => {
  const { path, text } = generateBatchSchema()
  expect(readFileSync(path, 'utf8')).toBe(text)
  expect(JSON.parse(text)).toEqual(describeBatch())
})

const validate = new Ajv2020({ allowUnionTypes: true }).compile(describeBatch())

// The reader's side of each example is in read.test.ts.
test.each(examples)('an editor judges like the reader: $what', ({ source, problems, beyondSchema }) => {
  const valid = validate(parse(source, { uniqueKeys: false, schema: 'core' }))
  expect(valid).toBe(problems.length === 0 || beyondSchema !== undefined)
})
