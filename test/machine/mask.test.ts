import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Mask } from '../../machine/mask.ts'

function open(...secrets: readonly string[]): Mask {
  const mask = new Mask()
  for (const secret of secrets) mask.add(secret)
  return mask
}

/** All that comes out when a text goes in by pieces. */
function pass(mask: Mask, pieces: readonly string[]): string {
  return pieces.map((piece) => mask.push(piece)).join('') + mask.end()
}

test.each([
  ['as it is', 'user=etl password=hunter22!', 'user=etl password=***!'],
  ['in JSON', JSON.stringify({ p: 'pa"ss\\wörd' }), '{"p":"***"}'],
  ['in an address', `redshift://etl:${encodeURIComponent('pa"ss\\wörd')}@host`, 'redshift://etl:***@host'],
  ['in base64', Buffer.from('hunter22').toString('base64'), '***I='],
  ['twice in a row', 'hunter22hunter22 hunter22', '****** ***'],
  ['in part', 'hunter2', 'hunter2'],
])('a secret is hidden %s', (_, text, shown) => {
  expect(open('hunter22', 'pa"ss\\wörd').hide(text)).toBe(shown)
})

test('each line of a secret is hidden, and short ones are not', () => {
  const mask = open('-----BEGIN KEY-----\r\n  abcd1234  \n}\nab\n')
  expect(mask.hide('key: abcd1234 } ab\n-----BEGIN KEY-----\n')).toBe('key: *** } ab\n***\n')
  expect(open('abc').hide('abc')).toBe('abc')
})

test('the texts within a secret in JSON are hidden by themselves', () => {
  const mask = open('{ "private_key": "-----BEGIN-----\\nMIIE1234\\n", "port": 5439, "more": ["hunter22"] }')
  expect(mask.hide('-----BEGIN-----\nMIIE1234\n5439 hunter22')).toBe('***\n***\n5439 ***')
})

test('secrets that share a part leave nothing of either', () => {
  expect(open('abcdef', 'defghi').hide('xabcdefghix')).toBe('x***x')
})

test('a secret is hidden wherever its text is cut, and only what may be its beginning waits', () => {
  const text = 'a hunter22 b hunter22hunt'
  for (let cut = 0; cut <= text.length; cut++)
    expect(pass(open('hunter22'), [text.slice(0, cut), text.slice(cut)])).toBe('a *** b ***hunt')
  const mask = open('hunter22')
  expect([mask.push('one h'), mask.push('unter2'), mask.push('3\n'), mask.end()]).toEqual([
    'one ',
    '',
    'hunter23\n',
    '',
  ])
})

test('text without end is not held back', () => {
  const mask = open('aaaa')
  const out = Array.from({ length: 100 }, () => mask.push('aaaaa')).join('')
  expect(out + mask.end()).toBe('***')
})

// Two letters make overlaps, beginnings and repetitions of every kind.
const word = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 4, maxLength: 6 })
const piece = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 8 })

test('in pieces or whole, the same is shown', () => {
  fc.assert(
    fc.property(
      fc.array(word, { minLength: 1, maxLength: 3 }),
      fc.array(piece, { maxLength: 8 }),
      (secrets, pieces) => {
        const whole = open(...secrets).hide(pieces.join(''))
        expect(pass(open(...secrets), pieces)).toBe(whole)
        for (const secret of secrets) expect(whole).not.toContain(secret)
      },
    ),
    { numRuns: 2000 },
  )
})
