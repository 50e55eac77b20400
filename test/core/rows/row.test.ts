import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeMutateRows, encodeMutateRows } from '../../../adapters/google/bigtable/messages.ts'
import { planRows } from '../../../core/rows/row.ts'

const hex = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString('hex')

test.each([
  ['string', 'ä', 'c3a4'],
  ['string', 7, '37'],
  ['string', { a: [1] }, Buffer.from('{"a":[1]}').toString('hex')],
  ['int64', '-2', 'fffffffffffffffe'],
  ['int64', '9223372036854775807', '7fffffffffffffff'],
  ['float64', '-0.5', 'bfe0000000000000'],
  ['float64', 1e300, '7e37e43c8800759c'],
  ['bytes', '/+A=', 'ffe0'],
] as const)('%s %j', (type, value, expected) => {
  const make = planRows({ key: 'k', types: { v: type } })
  expect(hex(make(['k', 'v'], ['x', value], 1).cells[0]?.value)).toBe(expected)
})

test.each([
  ['int64', '1.5', 'a whole number for int64'],
  ['int64', '9223372036854775808', 'a whole number for int64'],
  ['int64', 'x', 'a whole number for int64'],
  ['float64', 'NaN', 'a number for float64'],
  ['float64', ' ', 'a number for float64'],
  ['bytes', 'a-_b', 'base64'],
  ['bytes', 'abc', 'base64'],
] as const)('%s: %j is refused', (type, value, expected) => {
  const make = planRows({ key: 'k', types: { v: type } })
  expect(() => make(['k', 'v'], ['x', value], 1)).toThrow(
    `column v: expected ${expected}, got ${JSON.stringify(value)}.`,
  )
})

test('a key is a column, or columns within a text', () => {
  const record = [['user', 'region', 'v'], ['ada', 'eu', '1'], 1] as const
  expect(planRows({ key: 'user' })(...record)).toMatchObject({
    key: Buffer.from('ada'),
    cells: [{ column: Buffer.from('region') }, { column: Buffer.from('v') }],
  })
  const row = planRows({ key: 'v1/{region}#{user}' })(...record)
  expect(row.key).toEqual(Buffer.from('v1/eu#ada'))
  expect(row.cells).toHaveLength(1)
  expect(() => planRows({ key: '{region}#{usr}' }, ['user', 'region'])).toThrow(
    'there is no column usr. Did you mean "user"?',
  )
  expect(() => planRows({ key: 'user' })(['user', 'v'], ['a'.repeat(5000), 1], 1)).toThrow('5000 bytes')
})

/** Protocol buffers as they are written by hand: fields of bytes and of numbers. */
function field(number: number, content: Uint8Array | number): Buffer {
  const varint = (value: number): number[] =>
    value < 128 ? [value] : [(value % 128) | 128, ...varint(Math.floor(value / 128))]
  return typeof content === 'number'
    ? Buffer.from([number << 3, ...varint(content)])
    : Buffer.concat([Buffer.from([(number << 3) | 2, ...varint(content.length)]), content])
}

test('a request is the message that Bigtable describes, whatever the lengths', () => {
  const bytes = fc.uint8Array({ minLength: 1, maxLength: 300 })
  const row = fc.record({
    key: bytes,
    cells: fc.array(fc.record({ column: bytes, value: bytes }), { minLength: 1, maxLength: 4 }),
    line: fc.constant(1),
  })
  fc.assert(
    fc.property(
      fc.array(row, { maxLength: 5 }),
      fc.integer({ min: 1, max: 2 ** 52 }),
      (rows, timestampMicros) => {
        const family = Buffer.from('s')
        const expected = Buffer.concat([
          field(1, Buffer.from('projects/p/instances/i/tables/t')),
          ...rows.map(({ key, cells }) =>
            field(
              2,
              Buffer.concat([
                field(1, key),
                ...cells.map(({ column, value }) =>
                  field(
                    2,
                    field(
                      1,
                      Buffer.concat([
                        field(1, family),
                        field(2, column),
                        field(3, timestampMicros),
                        field(4, value),
                      ]),
                    ),
                  ),
                ),
              ]),
            ),
          ),
        ])
        const table = 'projects/p/instances/i/tables/t'
        expect(
          Buffer.from(encodeMutateRows({ table, family: 's', timestampMicros, rows })).equals(expected),
        ).toBe(true)
      },
    ),
  )
})

test('an answer is read past what it has besides, and one that breaks off is an error', () => {
  const status = field(
    2,
    Buffer.concat([field(1, 5), field(2, Buffer.from('no family')), field(3, Buffer.from('detail'))]),
  )
  const answer = Buffer.concat([
    field(1, field(2, Buffer.alloc(0))),
    field(3, Buffer.from('rate limit')),
    Buffer.from([(9 << 3) | 1, 0, 0, 0, 0, 0, 0, 0, 0, (10 << 3) | 5, 0, 0, 0, 0]),
    field(1, Buffer.concat([field(1, 300), status])),
  ])
  expect(decodeMutateRows(answer)).toEqual([
    { index: 0, code: 0, message: '' },
    { index: 300, code: 5, message: 'no family' },
  ])
  expect(() => decodeMutateRows(answer.subarray(0, answer.length - 60).subarray(0, 1))).toThrow('breaks off')
})
