import { GoogleAuth } from 'google-auth-library'
import { readCredentialsFile } from './credentials-file.ts'
import { type Asked, explainTokenFailure } from './token-failures.ts'
import { noTokens, type Token } from './tokens.ts'
import { openTransport } from './transport.ts'

const scopes = ['https://www.googleapis.com/auth/cloud-platform']

/**
 * A token for a credentials file: a service account, a user, or a federated identity such as that of
 * google-github-actions/auth. Every call makes a new one. The file is the environment's: the library finds it
 * by itself.
 */
export async function readFileToken(file: string, userAgent: string): Promise<Token> {
  const credentials = await readCredentialsFile(file)
  let asked: Asked | undefined
  const transport = openTransport({ tokens: noTokens, userAgent })
  // The library's own requests come with Request's conveniences, which Request itself knows best.
  const fetchImplementation: typeof fetch = async (input, init) => {
    const request = new Request(input, init)
    asked = { url: request.url, answered: false }
    const { status, headers, body } = await transport.send({
      http: request.method,
      url: request.url,
      headers: Object.fromEntries(request.headers),
      ...(request.body && { body: await request.text() }),
      repeatable: true,
      // The library says best why a token was refused.
      accepts: (status) => status < 500 && status !== 408 && status !== 429,
    })
    asked = { url: request.url, answered: true }
    return new Response(body, { status, headers })
  }
  // With a project of its own it does not go and look for one (at the Resource Manager, which may not be allowed).
  const auth = new GoogleAuth({
    scopes,
    projectId: 'unused',
    clientOptions: { transporterOptions: { fetchImplementation } },
  })
  try {
    const client = await auth.getClient()
    // A federated identity is exchanged by a part with a transporter of its own, without a deadline, that no option reaches.
    const { stsCredential } = client as { stsCredential?: { transporter: unknown } }
    if (stsCredential) stsCredential.transporter = client.transporter
    const { token } = await client.getAccessToken()
    if (!token) throw new Error('no access token')
    return { value: token, expiresAt: client.credentials.expiry_date ?? 0 }
  } catch (cause) {
    throw new Error(explainTokenFailure((cause as Error).message, credentials, asked), { cause })
  }
}
