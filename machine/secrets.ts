import { chmod, mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CloudError } from '../core/errors.ts'
import { inParallel } from '../core/parallel.ts'
import { persist } from '../core/protocol/persist.ts'
import type { PlannedSecret, PlannedStep, RunRecord } from '../core/protocol/records.ts'
import type { Job } from './job.ts'
import { shortestHidden } from './mask.ts'
import { getMetadata } from './metadata.ts'
import {
  type SecretProblem,
  secretsFailed,
  secretsSilent,
  secretUnfit,
  secretUnread,
} from './secret-verdicts.ts'
import { WorkError } from './verdicts.ts'

/** What secrets hold, by their full names; empty until they are read. */
export type SecretValues = Map<string, Uint8Array>

/** Reads at a time. */
const width = 8

/** How long a Secret Manager that does not answer is asked; a call of its own tries for minutes, too. */
const readingMs = 2 * 60_000

/**
 * Reads all secrets of the run, each once, so that `latest` means one version for all steps. From then on they are
 * hidden in the log. Throws a WorkError that tells of each that cannot be had.
 */
export async function readSecrets(job: Job): Promise<void> {
  const { run, self, facts, google, clock, deadline, log, secrets: values } = job
  const wishes = [run, ...run.steps].flatMap(({ secrets = {} }) => Object.entries(secrets))
  const versions: string[] = []
  const problems: SecretProblem[] = []
  const names = new Map(
    wishes.map(([variable, wish]) => [nameSecret(wish, self.project), { variable, wish }]),
  )
  const patience = { clock, signal: AbortSignal.any([deadline.stop, AbortSignal.timeout(readingMs)]) }
  await inParallel(names, width, async ([name, { variable, wish }]) => {
    try {
      const read = () => google.secrets.access(name, deadline.stop)
      const { version, bytes } = await persist(read, patience)
      values.set(name, bytes)
      versions.push(version)
      log.hide(Buffer.from(bytes).toString())
    } catch (error) {
      if (!(error instanceof CloudError) || deadline.stop.aborted) throw error
      if (error.failure === 'unknown' || error.failure === 'busy')
        throw new WorkError(secretsSilent(error), { cause: error })
      const email = error.failure === 'permission' ? await readEmail() : undefined
      problems.push(secretUnread(variable, { ...wish, project: wish.project ?? self.project }, error, email))
    }
  })
  for (const [variable, wish] of wishes) {
    const bytes = values.get(nameSecret(wish, self.project))
    if (bytes === undefined) continue
    if (wish.as === 'variable' && !canBeVariable(bytes)) problems.push(secretUnfit(variable, wish))
    for (const note of listDoubts(variable, wish, bytes)) await log.write({ note })
  }
  if (problems.length > 0) throw new WorkError(secretsFailed(sortProblems(problems)))
  facts.secrets = versions.sort()
}

/** A variable that the batch has from a secret. */
export function readSecretVariable({ run, self, secrets }: Job, variable: string): string | undefined {
  const wish = run.secrets?.[variable]
  const bytes = wish?.as === 'variable' ? secrets.get(nameSecret(wish, self.project)) : undefined
  return bytes && Buffer.from(bytes).toString()
}

function sortProblems(problems: readonly SecretProblem[]): readonly SecretProblem[] {
  return problems.toSorted((a, b) => (a.message < b.message ? -1 : 1))
}

function nameSecret({ project, secret, version }: PlannedSecret, own: string): string {
  return `projects/${project ?? own}/secrets/${secret}/versions/${version}`
}

function canBeVariable(bytes: Uint8Array): boolean {
  return !bytes.includes(0) && Buffer.from(Buffer.from(bytes).toString()).equals(bytes)
}

/** What is most likely not what somebody wanted; said of no more than the outside of the value. */
function listDoubts(variable: string, { as }: PlannedSecret, bytes: Uint8Array): readonly string[] {
  const text = Buffer.from(bytes).toString()
  const lines = text.split('\n')
  return [
    ...(text.trim().length < shortestHidden
      ? [`${variable} has fewer than ${shortestHidden} characters: it is not hidden in this log.`]
      : []),
    // `echo x | gcloud secrets create` leaves it there.
    ...(as === 'variable' && lines.length === 2 && lines[1] === ''
      ? [`${variable} ends with a line break, which is a part of the secret.`]
      : []),
  ]
}

/** Of the machine's service account, for a message. */
async function readEmail(): Promise<string | undefined> {
  const path = 'instance/service-accounts/default/email'
  return getMetadata(path, AbortSignal.timeout(5000)).then(
    ({ text }) => text.trim(),
    () => undefined,
  )
}

/** The secrets of a step while it runs: disposing removes its files. */
export interface StepSecrets extends AsyncDisposable {
  /** Variables with values. */
  readonly values: Readonly<Record<string, string>>
  /** Variables that hold the path of a file of their own name, below the folder. */
  readonly files: readonly string[]
  readonly folder: string
}

/** Where a container finds the folder. */
export const containerSecrets = '/mayfly-secrets'

/** Makes a step's secrets ready. Other steps do not find them. */
export async function placeSecrets(job: Job, index: number, step: PlannedStep): Promise<StepSecrets> {
  const { run, self, places, secrets } = job
  const values: Record<string, string> = {}
  const files: string[] = []
  const folder = join(places.secrets, String(index + 1))
  for (const [variable, wish] of Object.entries(listSecrets(run, step))) {
    const bytes = secrets.get(nameSecret(wish, self.project)) as Uint8Array
    if (wish.as === 'variable') values[variable] = Buffer.from(bytes).toString()
    else {
      files.push(variable)
      await mkdir(folder, { recursive: true })
      const file = join(folder, variable)
      await writeFile(file, bytes)
      // A container's own user is another one. On the machine nobody passes the folder above.
      await chmod(file, 0o444)
    }
  }
  return {
    values,
    files,
    folder,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
}

/** Those of the run and of the step; what the step itself says of a variable counts. */
function listSecrets(run: RunRecord, { env, secrets }: PlannedStep): Readonly<Record<string, PlannedSecret>> {
  const shared = Object.entries(run.secrets ?? {}).filter(([variable]) => !Object.hasOwn(env, variable))
  return { ...Object.fromEntries(shared), ...secrets }
}
