import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Notice, writeMessage } from '../../../core/notify/message.ts'
import { escapeText, writeLink } from '../../../core/notify/mrkdwn.ts'

const notice: Notice = {
  title: '✘ train failed, exit code 3',
  detail: 'Step "a <b> & c" failed. <!channel> is nobody.',
  facts: [['Run', 'train/0f3a, attempt 1']],
  links: [
    { label: 'CI job', url: 'https://ci.example/?a=1&b=2' },
    { label: 'odd', url: 'https://ci.example/a|b>c d' },
    { label: 'none', url: 'javascript:alert(1)' },
  ],
}

test('a notice becomes blocks, and a text that says the same', () => {
  const lead = '*✘ train failed, exit code 3*\nStep "a &lt;b&gt; &amp; c" failed. &lt;!channel&gt; is nobody.'
  const trail = '<https://ci.example/?a=1&amp;b=2|CI job> · <https://ci.example/a%7Cb%3Ec%20d|odd> · none'
  expect(writeMessage(notice)).toEqual({
    text: `${lead}\n${trail}`,
    blocks: [
      { type: 'section', text: { type: 'mrkdwn', text: lead } },
      { type: 'section', fields: [{ type: 'mrkdwn', text: '*Run*\ntrain/0f3a, attempt 1' }] },
      { type: 'context', elements: [{ type: 'mrkdwn', text: trail }] },
    ],
  })
})

test('what there is nothing of is no block: Slack refuses an empty one', () => {
  expect(writeMessage({ title: 'a', facts: [], links: [] })).toEqual({
    text: '*a*',
    blocks: [{ type: 'section', text: { type: 'mrkdwn', text: '*a*' } }],
  })
})

const anything = fc.string({
  unit: fc.constantFrom('a', '&', '<', '>', '|', '\n', ' ', '💥'),
  maxLength: 5000,
})

test('whatever is said, Slack takes it', () => {
  const facts = fc.array(fc.tuple(fc.constant('Run'), anything), { maxLength: 14 })
  const links = fc.array(fc.record({ label: anything, url: anything.map((rest) => `https://x/${rest}`) }), {
    maxLength: 9,
  })
  fc.assert(
    fc.property(anything, anything, facts, links, (title, detail, allFacts, allLinks) => {
      const { text, blocks } = writeMessage({ title, detail, facts: allFacts, links: allLinks })
      // Discord's limit.
      expect(text.length).toBeLessThanOrEqual(2000)
      for (const block of blocks) {
        const fields = 'fields' in block ? block.fields : []
        const elements = 'elements' in block ? block.elements : []
        const texts = 'text' in block ? [block.text, ...elements] : elements
        expect(fields.length).toBeLessThanOrEqual(10)
        for (const each of fields) expect(each.text.length).toBeLessThanOrEqual(2000)
        for (const each of texts) {
          expect(each.text.length).toBeLessThanOrEqual(3000)
          expect(each.text.length).toBeGreaterThan(0)
        }
      }
    }),
    { numRuns: 60 },
  )
})

test('text is cut between characters, not in them', () => {
  fc.assert(
    fc.property(anything, fc.integer({ min: 1, max: 60 }), (text, limit) => {
      const escaped = escapeText(text, limit)
      expect(escaped.length).toBeLessThanOrEqual(limit)
      expect(escaped).toMatch(/^(?:&(?:amp|lt|gt);|[^&<>\ud800-\udfff]|💥)*$/)
      if (!escaped.endsWith('…')) expect(readEscaped(escaped)).toBe(text)
    }),
  )
})

function readEscaped(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')
}

test("a link's label cannot end it", () => {
  expect(writeLink({ label: 'a|b>c', url: 'https://x/' })).toBe('<https://x/|a¦b&gt;c>')
})
