import { createHash } from 'node:crypto'
import { AwsV4Signer } from 'aws4fetch'
import type { Answer, OpenAnswer, Transport } from '../google/transport.ts'
import type { Credentials } from './credentials.ts'
import { refuseBody, refuseRedirect, toCloudError } from './failures.ts'

/** One request to S3. */
interface S3Call {
  readonly http: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE'
  /** As IAM policies call it: `s3:PutObject`. */
  readonly action: string
  /** The object's name; of the bucket itself when absent. */
  readonly name?: string
  readonly query?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array | string
  readonly signal?: AbortSignal
}

export interface S3Place {
  readonly bucket: string
  readonly region: string
  /** Of a server that speaks S3, without a slash at the end; AWS when absent. */
  readonly endpoint?: string
}

/** Signed calls to one bucket. Every failure is a CloudError. */
export interface S3Calls {
  send(call: S3Call): Promise<Answer>
  open(call: S3Call): Promise<OpenAnswer>
}

export function openCalls(
  place: S3Place,
  credentials: () => Promise<Credentials>,
  transport: Transport,
): S3Calls {
  const { bucket, region } = place
  const home = findHome(place)
  const accepts = (status: number) => (status >= 200 && status < 300) || status === 301 || status === 307

  async function sign({ http, name = '', query = {}, headers, body, signal }: S3Call) {
    const search =
      Object.keys(query).length === 0 ? '' : `?${new URLSearchParams(query)}`.replaceAll('+', '%20')
    const signer = new AwsV4Signer({
      method: http,
      url: `${name === '' ? home.bucket : home.objects}${name.split('/').map(encodePart).join('/')}${search}`,
      headers: {
        ...headers,
        'x-amz-content-sha256': createHash('sha256')
          .update(body ?? '')
          .digest('hex'),
      },
      ...(await credentials()),
      service: 's3',
      region,
    })
    const signed = await signer.sign()
    return {
      http,
      url: signed.url.toString(),
      headers: Object.fromEntries(signed.headers.entries()),
      ...(body !== undefined && { body }),
      ...(signal && { signal }),
      // Everything that is asked here may be asked twice.
      repeatable: true,
      accepts,
    }
  }

  async function attempt<T>(call: S3Call, act: () => Promise<T>): Promise<T> {
    try {
      return await act()
    } catch (error) {
      call.signal?.throwIfAborted()
      throw toCloudError({ action: call.action, about: `s3://${bucket}/${call.name ?? ''}`, region }, error)
    }
  }

  return {
    send: (call) =>
      attempt(call, async () => {
        const answer = await transport.send(await sign(call))
        const xml = isText(answer.headers) ? new TextDecoder().decode(answer.body) : ''
        if (answer.status > 300) throw refuseRedirect(answer.status, answer.headers, xml)
        const refusal = refuseBody(answer.status, xml)
        if (refusal) throw refusal
        return answer
      }),
    open: (call) =>
      attempt(call, async () => {
        const answer = await transport.open(await sign(call))
        if (answer.status > 300) throw refuseRedirect(answer.status, answer.headers, '')
        return answer
      }),
  }
}

function isText(headers: Headers): boolean {
  return /xml/.test(headers.get('content-type') ?? '')
}

/** AWS wants the bucket in the name of the host, where its certificate has room for it; other servers in the path. */
function findHome({ bucket, region, endpoint }: S3Place): {
  readonly bucket: string
  readonly objects: string
} {
  const host = `s3.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`
  if (endpoint === undefined && !bucket.includes('.'))
    return { bucket: `https://${bucket}.${host}/`, objects: `https://${bucket}.${host}/` }
  const home = `${endpoint?.replace(/\/$/, '') ?? `https://${host}`}/${bucket}`
  return { bucket: home, objects: `${home}/` }
}

/** As the signature has it: more than encodeURIComponent does. */
function encodePart(part: string): string {
  return encodeURIComponent(part).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}
