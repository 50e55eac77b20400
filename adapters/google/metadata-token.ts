import type { Token } from './tokens.ts'
import { noTokens } from './tokens.ts'
import { openTransport } from './transport.ts'

/**
 * The token of the machine's service account (https://cloud.google.com/compute/docs/access/authenticate-workloads). Fails
 * within seconds where there is no metadata server.
 */
export async function readMetadataToken(host: string, userAgent: string): Promise<Token> {
  const transport = openTransport({
    tokens: noTokens,
    userAgent,
    deadlineMs: 5_000,
    retry: { baseMs: 250, capMs: 2_000, budgetMs: 15_000 },
  })
  const { body } = await transport.send({
    http: 'GET',
    url: `http://${host}/computeMetadata/v1/instance/service-accounts/default/token`,
    headers: { 'metadata-flavor': 'Google' },
  })
  const token = JSON.parse(new TextDecoder().decode(body)) as { access_token: string; expires_in: number }
  return { value: token.access_token, expiresAt: Date.now() + token.expires_in * 1000 }
}
