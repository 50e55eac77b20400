import type { Account } from '../../core/world.ts'
import { findCredentials, findMetadataHost } from './auth.ts'
import { findEmail, readCredentialsFile } from './credentials-file.ts'
import { noTokens, type Tokens } from './tokens.ts'
import { openTransport, readJson } from './transport.ts'

export interface AccountSource {
  readonly env: (name: string) => string | undefined
  readonly tokens: Tokens
  readonly userAgent: string
  /** Without a slash at the end, such as `https://oauth2.googleapis.com`. */
  readonly oauth: string
}

/**
 * Whoever the credentials belong to. A service account's name stands in its file or at the metadata server; a person's
 * Google tells for a token that may see it, as gcloud's may.
 */
export async function readAccount(source: AccountSource): Promise<Account> {
  // Credentials that give no token are nobody's.
  const token = await source.tokens.get()
  if (token === undefined) return { anonymous: true }
  const email = await readEmail(source, token)
  return { ...(email && { email }), anonymous: false }
}

async function readEmail(
  { env, userAgent, oauth }: AccountSource,
  token: string,
): Promise<string | undefined> {
  const file = await findCredentials(env)
  const named = file && findEmail(await readCredentialsFile(file))
  if (named !== undefined) return named
  const transport = openTransport({
    tokens: noTokens,
    userAgent,
    deadlineMs: 5_000,
    retry: { baseMs: 250, capMs: 1_000, budgetMs: 3_000 },
  })
  const asked =
    file === undefined
      ? {
          http: 'GET',
          url: `http://${findMetadataHost(env)}/computeMetadata/v1/instance/service-accounts/default/email`,
          headers: { 'metadata-flavor': 'Google' },
        }
      : {
          http: 'POST',
          url: `${oauth}/tokeninfo`,
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
          // In the body: addresses are logged on the way.
          body: String(new URLSearchParams({ access_token: token })),
          repeatable: true,
        }
  try {
    const answer = await transport.send(asked)
    if (file === undefined) return new TextDecoder().decode(answer.body).trim()
    return readJson<{ email?: string }>(answer).email
  } catch {
    // The name is a comfort, and what the account may do is asked by itself.
    return undefined
  }
}
