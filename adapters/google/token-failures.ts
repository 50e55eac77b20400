import { type CredentialsFile, readImpersonated } from './credentials-file.ts'

/** The last thing that was asked on the way to a token. */
export interface Asked {
  readonly url: string
  /** An answer came, whatever it was. */
  readonly answered: boolean
}

/** Why there is no token, and what to do about it where an answer shows that. */
export function explainTokenFailure(
  message: string,
  credentials: CredentialsFile,
  asked: Asked | undefined,
): string {
  if (asked === undefined) return explainFile(message, credentials)
  const { host } = new URL(asked.url)
  if (!asked.answered) return `${host} could not be asked: ${message}`
  const is = (url: string | undefined) => URL.canParse(url ?? '') && new URL(url ?? '').href === asked.url
  if (is(credentials.credential_source?.url))
    return `${host} gave no identity token of this job: ${message}. The file serves only the job in which google-github-actions/auth wrote it, while it runs; the job needs the permission "id-token: write".`
  if (is(credentials.token_url))
    return `Google did not take the identity of this job: ${message} (${host}). Compare the attribute condition of the workload identity provider ${credentials.audience?.split('/providers/')[1] ?? ''} with the repository and the ref that this job runs for.`
  if (is(credentials.service_account_impersonation_url))
    return `the identity of this job may not act as ${readImpersonated(asked.url) ?? 'the service account'}: ${message} Grant it the role roles/iam.workloadIdentityUser on that service account.`
  return `${host} refused them: ${message}.${adviseByType(credentials)}`
}

function adviseByType({ type, client_email }: CredentialsFile): string {
  if (type === 'authorized_user') return ' Sign in again with "gcloud auth application-default login".'
  if (type !== 'service_account') return ''
  return ` The key of ${client_email} may have been deleted or disabled: make a new one, or use workload identity.`
}

function explainFile(message: string, { type, client_email }: CredentialsFile): string {
  if (type !== 'service_account' || client_email === undefined) return message
  return `the private_key in it, of ${client_email}, cannot be used (${message}). Write the file as Google gave it, line breaks in the key as \\n.`
}
