import { GoogleError } from '../errors.ts'

// Batch is one of Google's newer APIs: a status word of https://google.aip.dev/193 stands beside the code.

export function notFound(name: string): GoogleError {
  return new GoogleError(404, 'notFound', `Resource '${name}' was not found`, { status: 'NOT_FOUND' })
}

export function alreadyExists(name: string): GoogleError {
  return new GoogleError(409, 'alreadyExists', `Resource '${name}' already exists`, {
    status: 'ALREADY_EXISTS',
  })
}

export function invalid(field: string, why: string): GoogleError {
  return new GoogleError(400, 'badRequest', `${field} is invalid: ${why}`, { status: 'INVALID_ARGUMENT' })
}

export function denied(permission: string, name: string): GoogleError {
  const message = `Permission '${permission}' denied on resource '${name}' (or it may not exist).`
  return new GoogleError(403, 'forbidden', message, { status: 'PERMISSION_DENIED' })
}

/** What Google has and the local cloud has not. */
export function notBuilt(what: string): GoogleError {
  return new GoogleError(501, 'notImplemented', `The local cloud's Batch has no ${what}`, {
    status: 'UNIMPLEMENTED',
  })
}
