import { CloudError, type CloudFailure, MayflyError } from '../../core/errors.ts'
import { CallFailure, describeRefusal } from '../google/failures.ts'
import { readElement } from './xml.ts'

/** What was asked of AWS, for messages. */
export interface Wish {
  /** `s3:PutObject`: as IAM policies call it. */
  readonly action: string
  /** `s3://bucket/name` */
  readonly about: string
  readonly region: string
}

// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
const classes: Readonly<Record<string, CloudFailure>> = {
  AccessDenied: 'permission',
  AllAccessDisabled: 'permission',
  ExpiredToken: 'permission',
  InvalidAccessKeyId: 'permission',
  InvalidToken: 'permission',
  RequestTimeTooSkewed: 'permission',
  SignatureDoesNotMatch: 'permission',
  NoSuchBucket: 'not-found',
  NoSuchKey: 'not-found',
  NoSuchUpload: 'not-found',
  NoSuchVersion: 'not-found',
  // The object is another one than that which was asked for.
  PreconditionFailed: 'not-found',
  SlowDown: 'busy',
  ServiceUnavailable: 'busy',
  Throttling: 'busy',
}

/** The refusal in a body that came with a good status: S3 begins its answer before it knows how a long call ends. */
export function refuseBody(status: number, xml: string): CallFailure | undefined {
  return /<Error>/.test(xml)
    ? describeRefusal({ status, reason: '', message: xml, zonesAvailable: [] })
    : undefined
}

/** An answer that leads to the region of the bucket. */
export function refuseRedirect(status: number, headers: Headers, xml: string): CallFailure {
  const region = headers.get('x-amz-bucket-region') ?? ''
  return describeRefusal({ status, reason: region, message: xml, zonesAvailable: [] })
}

/** The CloudError for what the transport threw. */
export function toCloudError({ action, about, region }: Wish, error: unknown): unknown {
  if (error instanceof MayflyError) return error
  if (!(error instanceof CallFailure)) return error
  const { refusal } = error
  if (!refusal) return new CloudError('unknown', action, `${about}: ${error.message}.`, { cause: error })
  const { status, message: xml } = refusal
  const code = readElement(xml, 'Code') ?? ''
  const said =
    readElement(xml, 'Message') ??
    xml
      .replace(/<[^>]*>/g, ' ')
      .trim()
      .slice(0, 200)
  const answer = [`HTTP ${status}`, code].filter(Boolean).join(' ')
  const elsewhere = findRegion(refusal.reason, status, code, xml)
  const failure = elsewhere !== undefined ? 'invalid' : (classes[code] ?? classifyStatus(status))
  const advice = elsewhere !== undefined ? adviseRegion(elsewhere, region) : advise(failure, code, action)
  const message = [`${about}: ${said || 'no reason was given'} (${answer}).`, advice]
    .filter(Boolean)
    .join(' ')
  return new CloudError(failure, action, message, { cause: error })
}

function classifyStatus(status: number): CloudFailure {
  if (status === 401 || status === 403) return 'permission'
  if (status === 404 || status === 412) return 'not-found'
  if (status === 429 || status === 503) return 'busy'
  return status >= 400 && status < 500 && status !== 408 && status !== 409 ? 'invalid' : 'unknown'
}

const misdirected =
  /^(PermanentRedirect|TemporaryRedirect|AuthorizationHeaderMalformed|IllegalLocationConstraintException)$/

/** The region that the bucket is in, `''` when it is only known that it is another one. */
function findRegion(header: string, status: number, code: string, xml: string): string | undefined {
  if (!misdirected.test(code) && status !== 301 && status !== 307) return undefined
  const [, named] = /[.-]((?:[a-z]{2,}-)+\d)\.amazonaws\.com/.exec(readElement(xml, 'Endpoint') ?? '') ?? []
  return header || readElement(xml, 'Region') || named || ''
}

function adviseRegion(found: string, asked: string): string {
  return found === ''
    ? `The bucket is not in ${asked}. Write its region into the batch file: aws: { region: … }.`
    : `The bucket is in ${found}, and ${asked} was asked. Write aws: { region: ${found} } into the batch file.`
}

function advise(failure: CloudFailure, code: string, action: string): string | undefined {
  if (code === 'NoSuchBucket') return 'Correct the name of the bucket, or create it.'
  if (code === 'InvalidAccessKeyId' || code === 'SignatureDoesNotMatch')
    return 'AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY do not belong together, or are not for this server.'
  if (code === 'ExpiredToken' || code === 'InvalidToken')
    return 'AWS_SESSION_TOKEN has ended or is not for these keys.'
  if (code === 'RequestTimeTooSkewed') return "The machine's clock is wrong."
  if (failure === 'permission') return `The key or the role needs ${action} there.`
  return undefined
}
