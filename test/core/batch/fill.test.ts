import { expect, test } from 'vitest'
import { fillBatch } from '../../../core/batch/fill.ts'
import { readBatch } from '../../../core/batch/read.ts'
import { InputError } from '../../../core/errors.ts'
import { writeBatch } from './examples/write.ts'

const file = readBatch(
  writeBatch({
    steps: 'steps:\n  - container: "r:${{ params.v }}"\n    env: { STEP: "${{ params.v }}" }',
    more: [
      'params: { v: string }',
      'env: { TAG: "${{ code.tag }}", COST: $5 }',
      'outputs:',
      '  - { path: a, name: "${{ params.v }}" }',
      '  - { path: B, to: "gs://acme-${{ params.v }}/x/" }',
    ].join('\n'),
  }),
  'batch.yaml',
)

test('every expression is filled, and the rest stays', () => {
  expect(fillBatch(file, { 'params.v': '4.4', 'code.tag': '$&' })).toEqual({
    ...file.batch,
    env: { TAG: '$&', COST: '$5' },
    steps: [{ ...file.batch.steps[0], container: 'r:4.4', env: { STEP: '4.4' } }],
    outputs: [
      { path: 'a', name: '4.4', when: 'success' },
      { path: 'B', name: 'B', to: 'gs://acme-4.4/x/', when: 'success' },
    ],
  })
})

test('a value that breaks out of its place is refused, and a missing one is named', () => {
  expect(() => fillBatch(file, { 'params.v': '../x y' })).toThrow(
    new InputError([
      {
        where: 'batch.yaml:8:8',
        message: 'there is no value "code.tag". There are params.v.',
      },
      {
        where: 'batch.yaml:5:5',
        message:
          'expected a container image such as asia-docker.pkg.dev/acme/ml/python:3.12, got "r:../x y" from "r:${{ params.v }}".',
      },
      {
        where: 'batch.yaml:10:16',
        message: 'expected a name of a-z, 0-9, ".", "_" and "-", got "../x y" from "${{ params.v }}".',
      },
      {
        where: 'batch.yaml:11:16',
        message:
          'expected a place such as gs://bucket/folder/, s3://bucket/folder/ or bigtable://instance/table, got "gs://acme-../x y/x/" from "gs://acme-${{ params.v }}/x/".',
      },
    ]),
  )
})

test.each(['..', '', '${{ run.id }}'])('%j is no name of an output', (v) => {
  expect(() => fillBatch(file, { 'params.v': v, 'code.tag': 'v1' })).toThrow(
    `batch.yaml:10:16: expected a name`,
  )
})

test('names of outputs that values make equal are refused', () => {
  const twins = readBatch(
    writeBatch({
      more: 'params: { v: string }\noutputs:\n  - { path: a }\n  - { path: b, name: "${{ params.v }}" }',
    }),
    'batch.yaml',
  )
  expect(() => fillBatch(twins, { 'params.v': 'a' })).toThrow(
    'batch.yaml:8:16: two outputs are called "a", the first at batch.yaml:7:5.',
  )
})
