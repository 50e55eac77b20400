import { type CloudError, exitCodes } from '../core/errors.ts'
import type { PlannedSecret } from '../core/protocol/records.ts'
import type { Verdict } from './verdicts.ts'

// What a machine says of secrets that it cannot give to steps.

/** One thing that keeps a secret from being given to steps. */
export interface SecretProblem {
  readonly reason: 'permission' | 'bad-input'
  readonly message: string
}

type FullSecret = PlannedSecret & { readonly project: string }

/** Why a secret cannot be read, and what to do, as one line. */
export function secretUnread(
  variable: string,
  { project, secret, version }: FullSecret,
  error: CloudError,
  email = 'EMAIL_OF_THE_MACHINE',
): SecretProblem {
  const gcloud = (command: string) => `gcloud secrets ${command} --project=${project}`
  if (error.failure === 'permission' && !/is disabled/.test(error.message)) {
    const grant = `add-iam-policy-binding ${secret} --member=serviceAccount:${email} --role=roles/secretmanager.secretAccessor`
    return {
      reason: 'permission',
      message: `${variable}: the machine may not read the secret ${secret} of ${project}, or there is none. Let it: ${gcloud(grant)}`,
    }
  }
  if (error.failure === 'not-found') {
    const make = version === 'latest' ? `create ${secret} --data-file=FILE` : `versions list ${secret}`
    return {
      reason: 'bad-input',
      message: `${variable}: ${project} has no secret ${secret} with a version ${version}. Correct the name, or: ${gcloud(make)}`,
    }
  }
  // A version that is disabled or destroyed, an API that is off: Google's own sentence says which.
  const advice = /is in \w+ state/.test(error.message)
    ? ` Name another version, such as ${secret}@1, enable this one, or add a new one: ${gcloud(`versions add ${secret} --data-file=FILE`)}`
    : ''
  return {
    reason: error.failure === 'permission' ? 'permission' : 'bad-input',
    message: `${variable}: ${error.message}${advice}`,
  }
}

/** A value that no environment can hold. */
export function secretUnfit(variable: string, { secret }: PlannedSecret): SecretProblem {
  return {
    reason: 'bad-input',
    message: `${variable}: the secret ${secret} is no text without NUL bytes, as a variable has to be. Take it as a file: { secret: ${secret}, as: file }`,
  }
}

export function secretsFailed(problems: readonly SecretProblem[]): Verdict {
  const reason = problems.find(({ reason }) => reason === 'permission')?.reason ?? 'bad-input'
  return {
    state: 'failed',
    reason,
    exitCode: reason === 'permission' ? exitCodes.permission : exitCodes.badInput,
    message: [...problems.map(({ message }) => message), 'No step has begun.'].join('\n'),
  }
}

/** Nobody answers: another machine may fare better, and nothing has been done. */
export function secretsSilent({ message }: CloudError): Verdict {
  return {
    state: 'lost',
    exitCode: exitCodes.lost,
    message: `${message} No step has begun.`,
  }
}
