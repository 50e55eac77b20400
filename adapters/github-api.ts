import { startDeadline } from './google/deadline.ts'
import { describeFault } from './google/failures.ts'

export interface GithubOptions {
  /** GitHub Enterprise Server has one of its own, which its runners tell: https://HOSTNAME/api/v3 */
  readonly api: string | undefined
  readonly userAgent: string
}

interface Call {
  readonly method?: 'PATCH' | 'POST'
  readonly body?: object
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
}

export interface Answer {
  readonly status: number
  readonly text: string
}

const usualTimeoutMs = 10_000

/** GitHub's REST API for the holder of a token: https://docs.github.com/rest */
export function openGithub(token: string, { api, userAgent }: GithubOptions) {
  const home = (api || 'https://api.github.com').replace(/\/$/, '')
  const headers = {
    accept: 'application/vnd.github+json',
    authorization: `Bearer ${token}`,
    'user-agent': userAgent,
    'x-github-api-version': '2022-11-28',
  }
  return async (path: string, call: Call = {}): Promise<Answer> => {
    const { method = 'GET', body, timeoutMs = usualTimeoutMs } = call
    using deadline = startDeadline(timeoutMs)
    const signal = call.signal ? AbortSignal.any([deadline.signal, call.signal]) : deadline.signal
    const init = {
      method,
      headers,
      redirect: 'manual',
      signal,
      ...(body && { body: JSON.stringify(body) }),
    } as const
    try {
      const response = await fetch(`${home}${path}`, init)
      return { status: response.status, text: await response.text() }
    } catch (error) {
      throw new Error(`GitHub did not answer: ${describeFault(error).message}.`, { cause: error })
    }
  }
}

/** An answer that is not the one that was hoped for, and what it takes. `what` ends "to". */
export function refuse(what: string, { status, text }: Answer, permission: string): Error {
  const hint =
    status === 401
      ? ' The token is not valid.'
      : status === 403 || status === 404
        ? ` The token needs \`${permission}\`.`
        : ''
  return new Error(`to ${what}, GitHub answered ${status}: ${readMessage(text)}.${hint}`)
}

function readMessage(text: string): string {
  try {
    return (JSON.parse(text) as { readonly message?: string } | null)?.message ?? 'nothing'
  } catch {
    return text.slice(0, 200).trim() || 'nothing'
  }
}
