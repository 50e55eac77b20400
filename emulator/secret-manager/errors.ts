import { GoogleError } from '../errors.ts'

// The texts are Secret Manager's own: clients and people match on them. Its answers have a status word and, unlike those
// of the older products, no list of errors.

/** 400: what was asked for cannot be. */
export function invalid(message: string): GoogleError {
  return refuse(400, 'INVALID_ARGUMENT', message)
}

/** 400: it could be, but not in the state in which things are. */
export function notReady(message: string): GoogleError {
  return refuse(400, 'FAILED_PRECONDITION', message)
}

export function notFound(what: string): GoogleError {
  return refuse(404, 'NOT_FOUND', `${what}.`)
}

export function alreadyExists(name: string): GoogleError {
  return refuse(409, 'ALREADY_EXISTS', `Secret [${name}] already exists.`)
}

export function denied(permission: string, resource: string): GoogleError {
  const message = `Permission '${permission}' denied for resource '${resource}' (or it may not exist).`
  return refuse(403, 'PERMISSION_DENIED', message, [
    {
      '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
      reason: 'IAM_PERMISSION_DENIED',
      domain: 'iam.googleapis.com',
      metadata: { permission, resource },
    },
  ])
}

export function serviceDisabled(project: string): GoogleError {
  const message = `Secret Manager API has not been used in project ${project} before or it is disabled. Enable it by visiting \
https://console.developers.google.com/apis/api/secretmanager.googleapis.com/overview?project=${project} then retry.`
  return refuse(403, 'PERMISSION_DENIED', message)
}

function refuse(code: number, status: string, message: string, details?: readonly object[]): GoogleError {
  return new GoogleError(code, status, message, { status, errors: undefined, ...(details && { details }) })
}
