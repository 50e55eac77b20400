import { CloudError } from '../../core/errors.ts'
import type { Transport } from '../google/transport.ts'
import { toCloudError } from './failures.ts'
import { readElement } from './xml.ts'

/** Keys for AWS. */
export interface Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

interface Lent extends Credentials {
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}

export interface CredentialsOptions {
  /** A variable, under the name that AWS's own programs have for it. */
  readonly variable: (name: string) => string | undefined
  readonly region: string
  /** ARN of the role to take. */
  readonly role?: string
  /** The machine's own identity as an OpenID Connect token. */
  readonly identity: (audience: string) => Promise<string>
  /** Who the role's sessions say that they are: letters, digits and `=,.@-`. */
  readonly session: string
  readonly transport: Transport
}

/** What a role's trust policy has to let in, as `accounts.google.com:oaud`. */
const audience = 'sts.amazonaws.com'

/** New ones are taken this long before the old ones end: a signature has to live as long as its request is tried. */
const marginMs = 10 * 60_000

/** Keys from the variables, or lent by AWS for the machine's identity, and lent again before they end. */
export function openCredentials(options: CredentialsOptions): () => Promise<Credentials> {
  const { role } = options
  if (role === undefined) return async () => readKeys(options)
  let lent: Promise<Lent> | undefined
  return async () => {
    const current = await lent?.catch(() => undefined)
    if (current !== undefined && Date.now() < current.expiresAt - marginMs) return current
    lent = takeRole(options, role)
    return lent
  }
}

function readKeys({ variable }: CredentialsOptions): Credentials {
  const accessKeyId = variable('AWS_ACCESS_KEY_ID')
  const secretAccessKey = variable('AWS_SECRET_ACCESS_KEY')
  const sessionToken = variable('AWS_SESSION_TOKEN')
  if (accessKeyId && secretAccessKey)
    return { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) }
  const missing = accessKeyId ? 'AWS_SECRET_ACCESS_KEY is' : 'AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are'
  const message = `there are no credentials for S3: ${missing} not set. Give them as secrets of the batch, or name a role under aws: that trusts the machine's service account.`
  throw new CloudError('permission', 'aws', message)
}

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html */
async function takeRole(options: CredentialsOptions, role: string): Promise<Lent> {
  const { identity, session, region, transport } = options
  const domain = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com'
  const url = options.variable('AWS_ENDPOINT_URL_STS') || `https://sts.${region}.${domain}`
  const wish = { action: 'sts:AssumeRoleWithWebIdentity', about: role, region }
  const token = await identity(audience).catch((cause: Error) => {
    const message = `${role}: the machine has no identity that AWS could trust (${cause.message}). Give it a service account.`
    throw new CloudError('permission', wish.action, message, { cause })
  })
  const body = new URLSearchParams({
    Action: 'AssumeRoleWithWebIdentity',
    Version: '2011-06-15',
    RoleArn: role,
    RoleSessionName: session.replace(/[^\w=,.@-]/g, '-').slice(-64),
    WebIdentityToken: token,
  })
  try {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const call = {
      http: 'POST',
      url: `${url.replace(/\/$/, '')}/`,
      headers,
      body: `${body}`,
      repeatable: true,
    }
    return readLent(new TextDecoder().decode((await transport.send(call)).body), role)
  } catch (error) {
    const failure = toCloudError(wish, error)
    if (!(failure instanceof CloudError) || failure.failure !== 'permission') throw failure
    const message = `${role}: AWS does not lend the role to this machine: ${failure.message} Its trust policy has to name accounts.google.com, with ${audience} as accounts.google.com:oaud and the unique id of the service account as accounts.google.com:sub.`
    throw new CloudError('permission', wish.action, message, { cause: error })
  }
}

function readLent(xml: string, role: string): Lent {
  const read = (name: string) => {
    const text = readElement(xml, name)
    if (text === undefined)
      throw new CloudError('unknown', 'sts', `${role}: an answer of AWS without ${name}.`)
    return text
  }
  return {
    accessKeyId: read('AccessKeyId'),
    secretAccessKey: read('SecretAccessKey'),
    sessionToken: read('SessionToken'),
    expiresAt: Date.parse(read('Expiration')),
  }
}
