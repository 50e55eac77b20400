import type { BatchFile } from '../../batch/read.ts'
import { CloudError, InputError } from '../../errors.ts'
import type { Session } from '../../task.ts'
import type { Account, Survey } from '../../world.ts'
import { readBatchFile } from '../run-batch/facts.ts'
import { checkMachineAccount } from './account.ts'
import { checkImage, checkRelease, checkZones } from './batch.ts'
import { bootMachine, readBootWishes } from './boot.ts'
import { checkBucket, checkObjects } from './bucket.ts'
import type { Check } from './check.ts'
import { checkCloudBatch } from './cloud-batch.ts'
import { checkPermissions, checkServices } from './project.ts'
import { checkQuotas } from './quota.ts'
import { nameMember } from './roles.ts'
import { checkSecrets } from './secrets.ts'
import { type Ask, remember, type Visit } from './visit.ts'

const checks = [
  checkServices,
  checkPermissions,
  checkBucket,
  checkObjects,
  checkImage,
  checkZones,
  checkQuotas,
  checkRelease,
  checkMachineAccount,
  checkCloudBatch,
  checkSecrets,
]

/** Looks at everything at once, and boots a machine when that is asked for and nothing is missing. */
export async function examine(ask: Ask, session: Session): Promise<readonly Check[]> {
  const { world } = session
  const survey = await world.survey(ask.project)
  const [credentials, batch] = await Promise.all([readCredentials(survey), readFile(ask, session)])
  const begun = [credentials.check, ...batch.checks]
  // Without credentials every other answer would be this one again.
  if (credentials.account === undefined) return begun
  const compute = await world.compute(ask.project)
  const visit: Visit = {
    ask,
    session,
    survey,
    compute,
    member: nameMember(credentials.account.email),
    ...(batch.file && { file: batch.file }),
    zones: batch.file?.batch.machine.zones ?? ask.zones,
    project: () => project(''),
    types: remember((zone) => compute.machineTypes(zone)),
  }
  const project = remember(() => survey.project())
  if (ask.boot) readBootWishes(visit)
  const found = [...begun, ...(await Promise.all(checks.map((check) => check(visit)))).flat()]
  if (!ask.boot || found.some(({ status }) => status === 'missing')) return found
  const proof = await bootMachine(visit)
  return [...found.filter(({ open }) => !open), ...proof]
}

async function readCredentials(survey: Survey): Promise<{ check: Check; account?: Account }> {
  const name = 'credentials'
  try {
    const account = await survey.account()
    const unnamed = account.anonymous ? 'a local cloud needs none' : 'they work; whose they are, nobody tells'
    return { account, check: { name, status: 'ok', says: account.email ?? unnamed } }
  } catch (error) {
    if (!(error instanceof CloudError)) throw error
    const fix = ['gcloud auth application-default login']
    return { check: { name, status: 'missing', role: true, says: error.message, fix } }
  }
}

async function readFile(
  { batch: path }: Ask,
  session: Session,
): Promise<{ checks: readonly Check[]; file?: BatchFile }> {
  const name = 'batch file'
  if (path === undefined) return { checks: [] }
  try {
    return { file: await readBatchFile(path, session), checks: [{ name, status: 'ok', says: path }] }
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    const { problems } = error
    const checks = problems.map(
      ({ where, message }): Check => ({ name, status: 'missing', says: `${where}: ${message}` }),
    )
    return { checks }
  }
}
