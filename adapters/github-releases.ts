import type { ReleasePages } from '../core/world.ts'
import { type Answer, type GithubOptions, openGithub, refuse } from './github-api.ts'

/** The release pages of GitHub: https://docs.github.com/rest/releases/releases */
export function openReleasePages(token: string, options: GithubOptions): ReleasePages {
  const ask = openGithub(token, options)
  return {
    async find(repository, tag) {
      const answer = await ask(`/repos/${repository}/releases/tags/${encodeURIComponent(tag)}`)
      if (answer.status === 404) return undefined
      if (answer.status !== 200) throw refuseRelease('get', answer)
      const { id, body } = JSON.parse(answer.text) as { readonly id: number; readonly body: string | null }
      return { id, body: body ?? '' }
    },
    async write(repository, { id, body }) {
      const answer = await ask(`/repos/${repository}/releases/${id}`, { method: 'PATCH', body: { body } })
      if (answer.status !== 200) throw refuseRelease('update', answer)
    },
  }
}

function refuseRelease(verb: string, answer: Answer): Error {
  return refuse(`${verb} the release`, answer, 'contents: write')
}
