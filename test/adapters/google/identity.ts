import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

type Answer = readonly [status: number, json: unknown]

/** One of the places that a credential passes through, and how it refuses, when it does. */
type Refusals = Partial<Record<'oidc' | 'sts' | 'impersonation', Answer>>

/**
 * GitHub's token endpoint, Google's token exchange and its impersonation, all on 127.0.0.1, and a guard that lets only
 * living tokens through to the cloud behind it.
 */
export interface Identity extends AsyncDisposable {
  readonly url: string
  /** Method and path of every request to the three places, oldest first. */
  readonly seen: readonly string[]
  /** Requests that the guard refused. */
  readonly refused: () => number
  /** For each token of the service account that the guard saw: how many requests came with it. */
  readonly used: ReadonlyMap<string, number>
  /** From now on, this place refuses; undefined ends it. */
  refuse(place: keyof Refusals, answer: Answer | undefined): void
  /** Every token that was given so far is worth nothing. */
  revoke(): void
}

export const account = 'mayfly-batch@acme.iam.gserviceaccount.com'
const audience =
  '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/github/providers/acme'

/** Starts it before a cloud. Tokens of the service account live as long as told, by `Date`. */
export async function startIdentity(cloud: string, tokenSeconds = 3600): Promise<Identity> {
  const refusals: Refusals = {}
  const seen: string[] = []
  const used = new Map<string, number>()
  const living = new Map<string, number>()
  let refused = 0
  let given = 0

  // GitHub's token lives for five minutes: each is good for one exchange here.
  const oidc = new Set<string>()
  const federated = new Set<string>()
  const places = {
    oidc(asked: IncomingMessage): Answer {
      const wanted = new URL(asked.url ?? '', cloud).searchParams.get('audience')
      if (asked.headers.authorization !== 'Bearer github-job' || wanted !== `https:${audience}`)
        return [400, { message: `wrong request for ${wanted}` }]
      return [200, { value: add(oidc, 'oidc') }]
    },
    sts(_: IncomingMessage, body: string): Answer {
      const form = new URLSearchParams(body)
      if (!oidc.delete(form.get('subject_token') ?? '') || form.get('audience') !== audience)
        return [400, { error: 'invalid_grant', error_description: 'ID Token is stale or not for this pool.' }]
      const token = { access_token: add(federated, 'federated'), expires_in: 3600, token_type: 'Bearer' }
      return [200, { ...token, issued_token_type: 'urn:ietf:params:oauth:token-type:access_token' }]
    },
    impersonation(asked: IncomingMessage): Answer {
      if (!federated.has(bearer(asked)))
        return [401, { error: { code: 401, message: 'Invalid credentials' } }]
      const accessToken = `account-${++given}`
      const end = Date.now() + tokenSeconds * 1000
      living.set(accessToken, end)
      return [200, { accessToken, expireTime: new Date(end).toISOString() }]
    },
  }

  function add(tokens: Set<string>, name: string): string {
    const token = `${name}-${++given}`
    tokens.add(token)
    return token
  }

  async function answer(asked: IncomingMessage, response: ServerResponse): Promise<void> {
    const place = findPlace(asked.url ?? '')
    if (place === undefined) return guard(asked, response)
    seen.push(`${asked.method} ${asked.url?.split('?')[0]}`)
    const body = await text(asked)
    const [status, json] = refusals[place] ?? places[place](asked, body)
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json))
  }

  async function guard(asked: IncomingMessage, response: ServerResponse): Promise<void> {
    const token = bearer(asked)
    if ((living.get(token) ?? 0) > Date.now()) {
      used.set(token, (used.get(token) ?? 0) + 1)
      return passOn(cloud, asked, response)
    }
    refused++
    await text(asked)
    const error = {
      code: 401,
      message: 'Request had invalid authentication credentials.',
      status: 'UNAUTHENTICATED',
    }
    response.writeHead(401, { 'content-type': 'application/json' }).end(JSON.stringify({ error }))
  }

  const server = createServer((asked, response) => void answer(asked, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    used,
    refused: () => refused,
    refuse(place, reply) {
      if (reply === undefined) delete refusals[place]
      else refusals[place] = reply
    },
    revoke: () => living.clear(),
    [Symbol.asyncDispose]: () => close(server),
  }
}

function findPlace(url: string): keyof Refusals | undefined {
  if (url.startsWith('/oidc')) return 'oidc'
  if (url === '/sts/v1/token') return 'sts'
  return url.endsWith(':generateAccessToken') ? 'impersonation' : undefined
}

function bearer({ headers }: IncomingMessage): string {
  return headers.authorization?.replace(/^Bearer /, '') ?? ''
}

function passOn(cloud: string, asked: IncomingMessage, response: ServerResponse): void {
  const { method, headers, url } = asked
  const passed = request(new URL(url ?? '', cloud), { method, headers }, (answered) => {
    response.writeHead(answered.statusCode ?? 502, answered.headers)
    answered.pipe(response)
  })
  asked.pipe(passed)
}

async function close(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve))
  server.closeAllConnections()
  await closed
}

/** What google-github-actions/auth writes for a service account, with its addresses here. */
export function describeIdentity(url: string): Readonly<Record<string, unknown>> {
  return {
    type: 'external_account',
    audience,
    subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
    token_url: `${url}/sts/v1/token`,
    service_account_impersonation_url: `${url}/v1/projects/-/serviceAccounts/${account}:generateAccessToken`,
    credential_source: {
      url: `${url}/oidc/token?api-version=2.0&audience=https:${audience}`,
      headers: { Authorization: 'Bearer github-job' },
      format: { type: 'json', subject_token_field_name: 'value' },
    },
  }
}
