import { GoogleError } from '../errors.ts'

// The texts are Compute Engine's own: clients and people match on them.

export function notFound(link: string): GoogleError {
  return new GoogleError(404, 'notFound', `The resource '${link}' was not found`)
}

export function alreadyExists(link: string): GoogleError {
  return new GoogleError(409, 'alreadyExists', `The resource '${link}' already exists`)
}

export function invalid(field: string, value: unknown, why: string): GoogleError {
  const shown = typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value)
  return new GoogleError(400, 'invalid', `Invalid value for field '${field}': '${shown}'. ${why}`)
}

export function tooLarge(field: string, limit: number, size: number): GoogleError {
  const message = `Value for field '${field}' is too large: maximum size ${limit} character(s); actual size ${size}.`
  return new GoogleError(413, 'fieldSizeTooLarge', message)
}

export function notReady(link: string): GoogleError {
  return new GoogleError(400, 'resourceNotReady', `The resource '${link}' is not ready`)
}

export function inUse(kind: string, link: string, user: string): GoogleError {
  const message = `The ${kind} resource '${link}' is already being used by '${user}'`
  return new GoogleError(400, 'resourceInUseByAnotherResource', message)
}

export function changed(message: string): GoogleError {
  return new GoogleError(412, 'conditionNotMet', message)
}

export function denied(permission: string, link: string): GoogleError {
  return new GoogleError(403, 'forbidden', `Required '${permission}' permission for '${link}'`)
}

/** One error of a finished operation, as Compute Engine writes it. */
export interface OperationError {
  readonly code: string
  readonly message: string
  readonly errorDetails?: readonly object[]
}

/** Thrown by the work of an operation: the operation ends DONE, with this in it. */
export class OperationFailure extends Error {
  override readonly name = 'OperationFailure'
  readonly errors: readonly OperationError[]
  readonly status: number
  readonly statusText: string

  constructor(status: number, statusText: string, errors: readonly OperationError[]) {
    super(errors.map(({ message }) => message).join('; '))
    this.errors = errors
    this.status = status
    this.statusText = statusText
  }
}
