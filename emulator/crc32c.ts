// CRC-32C (Castagnoli, RFC 3720 appendix B.4), reflected and sliced by eight: entry 256k + b is the checksum of byte b
// followed by k zero bytes, so that eight bytes cost eight look-ups that do not wait for each other.
const polynomial = 0x82f63b78
const table = new Int32Array(8 * 256)

for (let byte = 0; byte < 256; byte++) {
  let crc = byte
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ polynomial : crc >>> 1
  table[byte] = crc
}
for (let index = 256; index < table.length; index++) {
  const shorter = entry(index - 256)
  table[index] = (shorter >>> 8) ^ entry(shorter & 0xff)
}

function entry(index: number): number {
  return table[index] as number
}

/** The CRC-32C of `bytes`, or of all bytes so far when given the checksum of those before. Unsigned, 32 bits. */
export function crc32c(bytes: Uint8Array, before = 0): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  let crc = ~before
  let at = 0
  for (const end = bytes.length - 7; at < end; at += 8) {
    const low = crc ^ view.getInt32(at, true)
    const high = view.getInt32(at + 4, true)
    crc =
      entry(0x700 + (low & 0xff)) ^
      entry(0x600 + ((low >>> 8) & 0xff)) ^
      entry(0x500 + ((low >>> 16) & 0xff)) ^
      entry(0x400 + (low >>> 24)) ^
      entry(0x300 + (high & 0xff)) ^
      entry(0x200 + ((high >>> 8) & 0xff)) ^
      entry(0x100 + ((high >>> 16) & 0xff)) ^
      entry(high >>> 24)
  }
  for (; at < bytes.length; at++) crc = (crc >>> 8) ^ entry((crc ^ view.getUint8(at)) & 0xff)
  return ~crc >>> 0
}

/** A CRC-32C as Cloud Storage writes it: base64 of its four bytes, the highest first. */
export function encodeCrc32c(crc: number): string {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(crc)
  return bytes.toString('base64')
}
