import { GoogleError } from '../errors.ts'

/** Cloud Storage orders names by their UTF-8 bytes, which JavaScript's own order of strings is not. */
export function compareNames(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}

/** Where `name` is or belongs in names in that order. */
export function findPlace(names: readonly string[], name: string): number {
  let low = 0
  let high = names.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (compareNames(names[middle] as string, name) < 0) low = middle + 1
    else high = middle
  }
  return low
}

/** Throws unless Cloud Storage would take this as an object's name. */
export function checkObjectName(name: unknown): asserts name is string {
  if (typeof name !== 'string' || name === '') throw new GoogleError(400, 'required', 'Required')
  if (name === '.' || name === '..' || /[\r\n]/.test(name)) {
    throw new GoogleError(400, 'invalid', `Invalid object name: '${name}'`)
  }
  const bytes = Buffer.byteLength(name)
  if (bytes <= 1024) return
  throw new GoogleError(
    400,
    'invalid',
    `The maximum object length is 1024 bytes, but got a name with ${bytes}.`,
  )
}

/** Throws unless Cloud Storage would take this as a bucket's name. */
export function checkBucketName(name: unknown): asserts name is string {
  if (typeof name !== 'string' || name === '') throw new GoogleError(400, 'required', 'Required')
  if (!/^[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]$/.test(name)) {
    throw new GoogleError(400, 'invalid', `Invalid bucket name: '${name}'`)
  }
}
