import type { ReleasePages } from '../core/world.ts'
import { startDeadline } from './google/deadline.ts'
import { describeFault } from './google/failures.ts'

interface ReleaseOptions {
  /** GitHub Enterprise Server has one of its own, which its runners tell: https://HOSTNAME/api/v3 */
  readonly api: string | undefined
  readonly userAgent: string
}

const timeoutMs = 10_000

/** The release pages of GitHub: https://docs.github.com/rest/releases/releases */
export function openReleasePages(token: string, { api, userAgent }: ReleaseOptions): ReleasePages {
  const home = (api || 'https://api.github.com').replace(/\/$/, '')
  const headers = {
    accept: 'application/vnd.github+json',
    authorization: `Bearer ${token}`,
    'user-agent': userAgent,
    'x-github-api-version': '2022-11-28',
  }
  const ask = async (path: string, init?: { readonly method: 'PATCH'; readonly body: string }) => {
    using deadline = startDeadline(timeoutMs)
    const { signal } = deadline
    try {
      const response = await fetch(`${home}${path}`, { ...init, headers, redirect: 'manual', signal })
      return { status: response.status, text: await response.text() }
    } catch (error) {
      throw new Error(`GitHub did not answer: ${describeFault(error).message}.`, { cause: error })
    }
  }
  return {
    async find(repository, tag) {
      const answer = await ask(`/repos/${repository}/releases/tags/${encodeURIComponent(tag)}`)
      if (answer.status === 404) return undefined
      if (answer.status !== 200) throw refuse('get', answer)
      const { id, body } = JSON.parse(answer.text) as { readonly id: number; readonly body: string | null }
      return { id, body: body ?? '' }
    },
    async write(repository, { id, body }) {
      const answer = await ask(`/repos/${repository}/releases/${id}`, {
        method: 'PATCH',
        body: JSON.stringify({ body }),
      })
      if (answer.status !== 200) throw refuse('update', answer)
    },
  }
}

function refuse(what: string, { status, text }: { readonly status: number; readonly text: string }): Error {
  const hint =
    status === 401
      ? ' The token is not valid.'
      : status === 403 || status === 404
        ? ' The token needs `contents: write`.'
        : ''
  return new Error(`to ${what} the release, GitHub answered ${status}: ${readMessage(text)}.${hint}`)
}

function readMessage(text: string): string {
  try {
    return (JSON.parse(text) as { readonly message?: string } | null)?.message ?? 'nothing'
  } catch {
    return text.slice(0, 200).trim() || 'nothing'
  }
}
