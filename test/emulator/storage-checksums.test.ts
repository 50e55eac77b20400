import { assert, property, uint8Array } from 'fast-check'
import { expect, test } from 'vitest'
import { crc32c, encodeCrc32c } from '../../emulator/crc32c.ts'

test.each([
  // RFC 3720, appendix B.4, and the check value of the catalogue of CRCs.
  ['32 zeros', Buffer.alloc(32), 0x8a9136aa],
  ['32 ones', Buffer.alloc(32, 0xff), 0x62a8ab43],
  ['0 to 31', Buffer.from(Array.from({ length: 32 }, (_, byte) => byte)), 0x46dd794e],
  ['31 to 0', Buffer.from(Array.from({ length: 32 }, (_, byte) => 31 - byte)), 0x113fdb5c],
  ['123456789', Buffer.from('123456789'), 0xe3069283],
  ['nothing', Buffer.alloc(0), 0],
])('the CRC-32C of %s', (_, bytes, crc) => {
  expect(crc32c(bytes)).toBe(crc)
})

/** One bit after the other, as the polynomial says it. */
function crc32cBitwise(bytes: Uint8Array): number {
  let crc = -1
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0)
  }
  return ~crc >>> 0
}

test('the CRC-32C of anything, in one piece or two, wherever in memory it is', () => {
  const bytes = uint8Array({ maxLength: 64 })
  assert(
    property(bytes, bytes, (first, second) => {
      const whole = Buffer.concat([first, second])
      expect(crc32c(whole)).toBe(crc32cBitwise(whole))
      expect(crc32c(second, crc32c(first))).toBe(crc32c(whole))
      expect(crc32c(whole.subarray(first.length))).toBe(crc32cBitwise(second))
    }),
  )
})

test('Cloud Storage writes it as base64, the highest byte first', () => {
  expect(encodeCrc32c(0xe3069283)).toBe('4waSgw==')
  expect(encodeCrc32c(1)).toBe('AAAAAQ==')
})
