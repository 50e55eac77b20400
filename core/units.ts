const secondsPer = { d: 86_400, h: 3600, m: 60, s: 1 } as const

/** Days, hours, minutes and seconds, in this order, each at most once: `45s`, `90m`, `1h30m`, `2d`. */
export const durationPattern = /^(?!$)(?:\d+d)?(?:\d+h)?(?:\d+m)?(?:\d+s)?$/u

/** Seconds of a duration such as `1h30m`. Throws an Error that says what was expected. */
export function readDuration(text: string): number {
  if (durationPattern.test(text)) return addUp(text)
  throw new Error(`expected ${durationExamples}, got "${text}".${hintDuration(text)}`)
}

const durationExamples = 'a duration such as 45s, 90m, 1h30m or 2d'

function addUp(text: string): number {
  const parts = [...text.matchAll(/(\d+)([dhms])/g)]
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * secondsPer[unit as Unit], 0)
}
type Unit = keyof typeof secondsPer

function hintDuration(text: string): string {
  if (/^\d+$/.test(text)) return ' A number needs a unit: s, m, h or d.'
  const short = text
    .toLowerCase()
    .replace(/[\s,]+|and/g, '')
    .replace(/(\d)(days?|hours?|hrs?|minutes?|mins?|seconds?|secs?)/g, (_, digit, word) => digit + word[0])
  const fraction = /^(\d*\.\d+)([dhms])$/.exec(short)
  const guess = fraction
    ? writeDuration(Math.round(Number(fraction[1]) * secondsPer[fraction[2] as Unit]))
    : short
  return durationPattern.test(guess) ? ` Did you mean "${guess}"?` : ''
}

/** Seconds as a batch file writes them: `1h30m`. */
function writeDuration(seconds: number): string {
  return splitDuration(seconds).join('') || '0s'
}

function splitDuration(seconds: number, gap = ''): string[] {
  const parts: string[] = []
  let rest = seconds
  for (const [unit, size] of Object.entries(secondsPer)) {
    const count = Math.floor(rest / size)
    rest -= count * size
    if (count > 0) parts.push(`${count}${gap}${unit}`)
  }
  return parts
}

/** For people, no finer than its length deserves: `40 ms`, `1.4 s`, `2 m 5 s`, `3 h 20 m`, `2 d 1 h`. */
export function formatDuration(seconds: number): string {
  if (seconds > 0 && seconds < 0.9995) return `${Math.round(seconds * 1000)} ms`
  if (seconds < 10) return `${roundShort(seconds)} s`
  const grain = seconds < secondsPer.h ? 1 : seconds < secondsPer.d ? secondsPer.m : secondsPer.h
  return splitDuration(Math.round(seconds / grain) * grain, ' ').join(' ')
}

const megabytesPer = { MB: 1, GB: 1024, TB: 1024 ** 2 } as const

/** A number with MB, GB or TB. Compute Engine's GB is 2^30 bytes, so `32GB` and `32GiB` are the same. */
export const sizePattern = /^\d+(?:\.\d+)?[MGT]i?B$/u

/** A size such as `32GB` in MB of 2^20 bytes, as Compute Engine counts memory. Throws an Error that says what was expected. */
export function readSize(text: string): number {
  if (!sizePattern.test(text))
    throw new Error(`expected a size such as 512MB, 32GB or 2TB, got "${text}".${hintSize(text)}`)
  const unit = text.replace(/^[\d.]+/, '').replace('i', '') as keyof typeof megabytesPer
  const megabytes = Number.parseFloat(text) * megabytesPer[unit]
  if (!Number.isInteger(megabytes)) throw new Error(`expected a whole number of MB, got "${text}".`)
  return megabytes
}

function hintSize(text: string): string {
  if (/^[\d.]+$/.test(text)) return ' A number needs a unit: MB, GB or TB.'
  const parts = /^(\d+(?:\.\d+)?)\s*([mgt])(?:i?b?|(?:eg|ig|er)abytes?)$/i.exec(text.trim())
  return parts ? ` Did you mean "${parts[1]}${parts[2]?.toUpperCase()}B"?` : ''
}

/** MB as a batch file writes them: `512MB`, `32GB`, `1.5TB` only where that is exact. */
export function writeSize(megabytes: number): string {
  if (megabytes === 0 || megabytes % megabytesPer.GB !== 0) return `${megabytes}MB`
  if (megabytes % megabytesPer.TB !== 0) return `${megabytes / megabytesPer.GB}GB`
  return `${megabytes / megabytesPer.TB}TB`
}

/** Bytes for people: `999 B`, `1.4 MB`, `12 GB`. As in sizes, a KB is 1024 bytes. */
export function formatBytes(bytes: number): string {
  let value = bytes
  for (const unit of ['B', 'KB', 'MB', 'GB']) {
    // What would be shown as 1024 belongs to the next unit.
    if (roundShort(value) < 1024) return `${roundShort(value)} ${unit}`
    value /= 1024
  }
  return `${roundShort(value)} TB`
}

function roundShort(value: number): number {
  return value < 10 ? Math.round(value * 10) / 10 : Math.round(value)
}

/** A share such as `50%`, as a number from 0 to 1. Throws an Error that says what was expected. */
export function readShare(text: string): number {
  const share = /^\d+(?:\.\d+)?%$/.test(text) ? Number(text.slice(0, -1)) / 100 : Number.NaN
  if (share <= 1) return share
  throw new Error(`expected a share from 0% to 100%, such as 50%, got "${text}".${hintShare(text)}`)
}

function hintShare(text: string): string {
  const number = /^\d*\.?\d+$/.test(text) ? Number(text) : Number.NaN
  const percent = number <= 1 ? Math.round(number * 10_000) / 100 : number
  return percent <= 100 ? ` Did you mean "${percent}%"?` : ''
}

/** A whole number from 1. Throws an Error that says what was expected. */
export function readCount(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text)
  throw new Error(`expected a number from 1, got "${text}".`)
}

/** `1 file`, `57 files`. */
export function countFiles(files: number): string {
  return files === 1 ? '1 file' : `${files} files`
}
