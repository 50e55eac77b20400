import fc from 'fast-check'
import { expect, test } from 'vitest'
import { crc32cOf, openCrc32c } from '../../core/crc32c.ts'

const rising = Uint8Array.from({ length: 32 }, (_, index) => index)

// RFC 3720, appendix B.4, and the check value of the CRC catalogue.
test.each([
  { what: '123456789', bytes: new TextEncoder().encode('123456789'), hex: 'e3069283' },
  { what: '32 bytes of zeros', bytes: new Uint8Array(32), hex: '8a9136aa' },
  { what: '32 bytes of ones', bytes: new Uint8Array(32).fill(0xff), hex: '62a8ab43' },
  { what: '0 to 31', bytes: rising, hex: '46dd794e' },
  { what: '31 to 0', bytes: rising.toReversed(), hex: '113fdb5c' },
  { what: 'nothing', bytes: new Uint8Array(), hex: '00000000' },
])('$what is $hex', ({ bytes, hex }) => {
  expect(Buffer.from(crc32cOf(bytes), 'base64').toString('hex')).toBe(hex)
})

test('the way the bytes are cut does not matter', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(200), fc.nat(200), (bytes, one, other) => {
      const [first, second] = one < other ? [one, other] : [other, one]
      const crc = openCrc32c()
      // Subarrays begin at any address, also at ones that no word begins at.
      crc.update(bytes.subarray(0, first))
      crc.update(bytes.subarray(first, second))
      crc.update(bytes.subarray(second))
      expect(crc.digest()).toBe(crc32cOf(bytes))
    }),
  )
})
