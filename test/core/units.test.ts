import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  formatBytes,
  formatDuration,
  readDuration,
  readShare,
  readSize,
  writeSize,
} from '../../core/units.ts'

test.each([
  ['45s', 45],
  ['90m', 5400],
  ['1h30m', 5400],
  ['2d', 172_800],
  ['1d1h1m1s', 90_061],
  ['0s', 0],
])('the duration %s is %d s', (text, seconds) => {
  expect(readDuration(text)).toBe(seconds)
})

test.each([
  ['90', ' A number needs a unit: s, m, h or d.'],
  ['2 hours', ' Did you mean "2h"?'],
  ['2H', ' Did you mean "2h"?'],
  ['1 hour and 30 mins', ' Did you mean "1h30m"?'],
  ['1 day, 2 hrs, 3 minutes, 4 sec', ' Did you mean "1d2h3m4s"?'],
  ['1.5h', ' Did you mean "1h30m"?'],
  ['0.5 days', ' Did you mean "12h"?'],
  ['0.0s', ' Did you mean "0s"?'],
  ['30m1h', ''],
  ['1h1h', ''],
  ['2w', ''],
  ['-2h', ''],
  ['2h ', ' Did you mean "2h"?'],
  ['', ''],
  ['soon', ''],
])('the duration "%s" is refused', (text, hint) => {
  expect(() => readDuration(text)).toThrow(
    new Error(`expected a duration such as 45s, 90m, 1h30m or 2d, got "${text}".${hint}`),
  )
})

test.each([
  ['512MB', 512],
  ['32GB', 32_768],
  ['32GiB', 32_768],
  ['3.75GB', 3840],
  ['2TB', 2_097_152],
  ['1.5TiB', 1_572_864],
])('the size %s is %d MB', (text, megabytes) => {
  expect(readSize(text)).toBe(megabytes)
})

test.each([
  ['32', ' A number needs a unit: MB, GB or TB.'],
  ['1.5', ' A number needs a unit: MB, GB or TB.'],
  ['32 GB', ' Did you mean "32GB"?'],
  ['32gb', ' Did you mean "32GB"?'],
  ['32G', ' Did you mean "32GB"?'],
  ['32gib', ' Did you mean "32GB"?'],
  ['1.5 terabytes', ' Did you mean "1.5TB"?'],
  ['512m', ' Did you mean "512MB"?'],
  ['32KB', ''],
  ['-1GB', ''],
  ['', ''],
])('the size "%s" is refused', (text, hint) => {
  expect(() => readSize(text)).toThrow(
    new Error(`expected a size such as 512MB, 32GB or 2TB, got "${text}".${hint}`),
  )
})

test('a size in parts of a MB is refused', () => {
  expect(() => readSize('0.5MB')).toThrow(new Error('expected a whole number of MB, got "0.5MB".'))
})

test.each([
  [0, '0 s'],
  [0.0402, '40 ms'],
  [0.44, '440 ms'],
  [0.9999, '1 s'],
  [1.44, '1.4 s'],
  [9.96, '10 s'],
  [59.4, '59 s'],
  [125, '2 m 5 s'],
  [120, '2 m'],
  [3599.7, '1 h'],
  [12_034, '3 h 21 m'],
  [86_399, '1 d'],
  [178_000, '2 d 1 h'],
])('%d s are shown as %s', (seconds, text) => {
  expect(formatDuration(seconds)).toBe(text)
})

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1023, '1023 B'],
  [1024, '1 KB'],
  [1_500_000, '1.4 MB'],
  [12 * 2 ** 30, '12 GB'],
  [1023.6 * 1024, '1 MB'],
  [2 ** 52, '4096 TB'],
])('%d bytes are shown as %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text)
})

test('a duration shown below an hour reads back as itself, and above within its grain', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 120 * 86_400 }), (seconds) => {
      const shown = readDuration(formatDuration(seconds).replaceAll(' ', ''))
      const grain = seconds < 3600 ? 0 : seconds < 86_400 ? 60 : 3600
      expect(Math.abs(shown - seconds)).toBeLessThanOrEqual(grain / 2)
    }),
  )
})

test('a duration reads as the sum of its parts', () => {
  const part = fc.option(fc.nat(999), { nil: undefined })
  fc.assert(
    fc.property(part, part, part, fc.nat(999), (d, h, m, s) => {
      const text = `${d === undefined ? '' : `${d}d`}${h === undefined ? '' : `${h}h`}${m === undefined ? '' : `${m}m`}${s}s`
      expect(readDuration(text)).toBe((((d ?? 0) * 24 + (h ?? 0)) * 60 + (m ?? 0)) * 60 + s)
    }),
  )
})

test('a size that was written reads back as itself', () => {
  expect([0, 512, 1024, 1536, 2 ** 20, 3 * 2 ** 19].map(writeSize)).toEqual([
    '0MB',
    '512MB',
    '1GB',
    '1536MB',
    '1TB',
    '1536GB',
  ])
  fc.assert(fc.property(fc.nat(2 ** 26), (megabytes) => readSize(writeSize(megabytes)) === megabytes))
})

test.each([
  ['0%', 0],
  ['50%', 0.5],
  ['12.5%', 0.125],
  ['100%', 1],
])('the share %s is %d', (text, share) => {
  expect(readShare(text)).toBe(share)
})

test.each([
  ['50', ' Did you mean "50%"?'],
  ['0.5', ' Did you mean "50%"?'],
  ['.125', ' Did you mean "12.5%"?'],
  ['101%', ''],
  ['-1%', ''],
  ['half', ''],
  ['', ''],
])('the share "%s" is refused', (text, hint) => {
  expect(() => readShare(text)).toThrow(
    new Error(`expected a share from 0% to 100%, such as 50%, got "${text}".${hint}`),
  )
})
