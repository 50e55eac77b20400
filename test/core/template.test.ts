import fc from 'fast-check'
import { expect, test } from 'vitest'
import { checkTemplate, fillTemplate } from '../../core/template.ts'

const values = {
  'params.date': '2026-03-31',
  'run.id': 'r1',
  'params.x-y': '${{ run.id }}',
  'code.tag': '$&$1',
}

test.each([
  ['nothing', 'nothing'],
  ['${{ params.date }}', '2026-03-31'],
  ['${{params.date}}/${{  run.id  }}.csv', '2026-03-31/r1.csv'],
  ['${{ params.x-y }}', '${{ run.id }}'],
  ['a${{ code.tag }}b', 'a$&$1b'],
  ['$5 {{ run.id }} ${ run.id }', '$5 {{ run.id }} ${ run.id }'],
])('%j is filled to %j', (text, filled) => {
  expect(checkTemplate(text, Object.keys(values))).toEqual([])
  expect(fillTemplate(text, values)).toBe(filled)
})

test('every expression that cannot be filled is told, with its number', () => {
  const text = '${{ run.id }} ${{ params.dat }} ${{ secrets.key }} ${{ run.id == 1 }} ${{ }} ${{ run.id'
  expect(checkTemplate(text, ['params.date', 'run.id'])).toEqual([
    {
      index: 1,
      expression: '${{ params.dat }}',
      message: 'there is no value "params.dat". Did you mean "params.date"?',
    },
    {
      index: 2,
      expression: '${{ secrets.key }}',
      message: 'there is no value "secrets.key". There are params.date, run.id.',
    },
    {
      index: 3,
      expression: '${{ run.id == 1 }}',
      message: 'expected one name between ${{ and }}, got "run.id == 1". Nothing is computed there.',
    },
    {
      index: 4,
      expression: '${{ }}',
      message: 'expected one name between ${{ and }}, got "". Nothing is computed there.',
    },
    { index: 5, expression: '${{ run.id', message: 'expected }} after ${{, as in ${{ run.id }}.' },
  ])
})

test.each(['constructor', '__proto__', 'params.__proto__', 'toString'])('%s is no value', (name) => {
  expect(() => fillTemplate(`a \${{ ${name} }}`, values)).toThrow(
    `\${{ ${name} }}: there is no value "${name}".`,
  )
})

test('filling never evaluates, and leaves text without expressions alone', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (around, value) => {
      fc.pre(!around.includes('${{') && !around.endsWith('$'))
      expect(fillTemplate(`${around}\${{ run.id }}${around}`, { 'run.id': value })).toBe(
        around + value + around,
      )
    }),
  )
})
