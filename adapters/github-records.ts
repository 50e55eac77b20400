import type { CommitRecord, CommitRecords, RecordOptions, RecordState } from '../core/world.ts'
import { type GithubOptions, openGithub, refuse } from './github-api.ts'

// https://docs.github.com/rest/commits/statuses and https://docs.github.com/rest/deployments/statuses
const longestText = 140

/** Statuses and deployments of GitHub's commits. */
export function openCommitRecords(token: string, options: GithubOptions): CommitRecords {
  const ask = openGithub(token, options)
  const create = async (path: string, what: string, right: string, body: object, options?: RecordOptions) => {
    const answer = await ask(path, { method: 'POST', body, ...options })
    // 202 would be a merge that was made in place of the deployment, which is never asked for.
    if (answer.status !== 201) throw refuse(`create the ${what}`, answer, `${right}: write`)
    return JSON.parse(answer.text) as { readonly id: number }
  }

  const setStatus = (record: CommitRecord, { state, text }: RecordState, options: RecordOptions) =>
    create(
      `/repos/${record.repository}/statuses/${record.commit}`,
      'commit status',
      'statuses',
      {
        state,
        context: `mayfly/${record.name}`,
        description: cut(text),
        ...(record.link && { target_url: record.link }),
      },
      options,
    )

  const deploy = ({ repository, commit, name }: CommitRecord, options: RecordOptions) =>
    create(
      `/repos/${repository}/deployments`,
      'deployment',
      'deployments',
      {
        ref: commit,
        task: 'mayfly',
        environment: name,
        description: `The batch ${name}`,
        // The commit as it is, whatever its checks say: what runs is decided already.
        auto_merge: false,
        required_contexts: [],
        production_environment: false,
      },
      options,
    )

  const setDeployment = (
    { repository, id, link }: CommitRecord,
    state: RecordState,
    options: RecordOptions,
  ) =>
    create(
      `/repos/${repository}/deployments/${id}/statuses`,
      'deployment status',
      'deployments',
      {
        state: state.state === 'pending' ? 'in_progress' : state.state,
        description: cut(state.text),
        ...(link && { log_url: link }),
      },
      options,
    )

  return {
    async open(record, options) {
      return record.kind === 'status' ? record : { ...record, id: (await deploy(record, options)).id }
    },
    async set(record, state, options) {
      if (record.kind === 'status') await setStatus(record, state, options)
      else await setDeployment(record, state, options)
    },
  }
}

function cut(text: string): string {
  const line = text.split('\n')[0] ?? ''
  return line.length > longestText ? `${line.slice(0, longestText - 1)}…` : line
}
