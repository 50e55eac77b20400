import { GoogleAuth } from 'google-auth-library'
import { noTokens, type Token } from './tokens.ts'
import { openTransport } from './transport.ts'

const scopes = ['https://www.googleapis.com/auth/cloud-platform']

/**
 * A token for the credentials file of the environment: a service account, a user, or a federated identity such as that of
 * google-github-actions/auth. Every call makes a new one; the library finds and reads the file by itself.
 */
export async function readFileToken(userAgent: string): Promise<Token> {
  const transport = openTransport({ tokens: noTokens, userAgent })
  // The library's own requests come with Request's conveniences, which Request itself knows best.
  const fetchImplementation: typeof fetch = async (input, init) => {
    const request = new Request(input, init)
    const { status, headers, body } = await transport.send({
      http: request.method,
      url: request.url,
      headers: Object.fromEntries(request.headers),
      ...(request.body && { body: await request.text() }),
      repeatable: true,
      // The library says best why a token was refused.
      accepts: (status) => status < 500 && status !== 408 && status !== 429,
    })
    return new Response(body, { status, headers })
  }
  // With a project of its own it does not go and look for one (at the Resource Manager, which may not be allowed).
  const auth = new GoogleAuth({
    scopes,
    projectId: 'unused',
    clientOptions: { transporterOptions: { fetchImplementation } },
  })
  const client = await auth.getClient()
  // A federated identity is exchanged by a part with a transporter of its own, without a deadline, that no option reaches.
  const { stsCredential } = client as { stsCredential?: { transporter: unknown } }
  if (stsCredential) stsCredential.transporter = client.transporter
  const { token } = await client.getAccessToken()
  if (!token) throw new Error('no access token')
  return { value: token, expiresAt: client.credentials.expiry_date ?? 0 }
}
