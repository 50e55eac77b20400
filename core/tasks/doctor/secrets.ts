import type { SecretWish } from '../../batch/batch.ts'
import { type Check, findLacking, look } from './check.ts'
import { enable, grantOnSecret, nameMember } from './roles.ts'
import type { Visit } from './visit.ts'

const service = 'secretmanager.googleapis.com'

/** The batch's secrets: the API, and what their machine needs. The caller needs no right on any of them. */
export async function checkSecrets(visit: Visit): Promise<readonly Check[]> {
  const { ask, survey } = visit
  const secrets = listSecrets(visit)
  if (secrets.length === 0) return []
  const api = await look('secrets', async () => {
    if (findLacking([service], await survey.enabledServices([service])).length === 0) return []
    return {
      status: 'missing',
      says: `${service} is not enabled`,
      fix: [enable(service, ask.project)],
    }
  })
  return [...api, ...(await describeReaders(secrets, visit))]
}

/** Only the machine's own account can prove it. */
function describeReaders(secrets: readonly SecretWish[], visit: Visit): Promise<readonly Check[]> {
  return look('secrets', async () => {
    const email = await findAccount(visit)
    if (email === undefined) return []
    const names = [...new Set(secrets.map(({ secret }) => secret))].join(', ')
    return {
      status: 'unknown',
      open: true,
      says: `${email} must be able to read ${names}; --boot proves it`,
      fix: grantSecrets(secrets, email, visit.ask.project),
    }
  })
}

/** The account that the batch's machine acts as. */
export async function findAccount({ ask, file, project }: Visit): Promise<string | undefined> {
  return ask.serviceAccount ?? file?.batch.machine.serviceAccount ?? (await project()).defaultServiceAccount
}

/** Of the whole batch, each once. */
export function listSecrets({ file }: Pick<Visit, 'file'>): readonly SecretWish[] {
  const holders = file === undefined ? [] : [file.batch, ...file.batch.steps]
  const all = holders.flatMap(({ secrets }) => Object.values(secrets))
  return [...new Map(all.map((wish) => [nameSecret(wish), wish])).values()]
}

/** As a batch file has it. */
export function nameSecret({ project, secret, version }: SecretWish): string {
  return project === undefined
    ? `${secret}@${version}`
    : `projects/${project}/secrets/${secret}/versions/${version}`
}

/** The commands that let an account read them. */
export function grantSecrets(
  secrets: readonly SecretWish[],
  email: string,
  project: string,
): readonly string[] {
  const member = nameMember(email)
  return [...new Set(secrets.map((wish) => grantOnSecret(wish.secret, wish.project ?? project, member)))]
}
