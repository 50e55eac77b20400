import { InputError } from '../../errors.ts'
import { runInnerBatch } from '../run-batch/inner.ts'
import type { Outcome } from '../run-batch/outcome.ts'
import { type Check, look } from './check.ts'
import { grantOnBucket, nameMember, objects } from './roles.ts'
import { findAccount, grantSecrets, listSecrets, nameSecret } from './secrets.ts'
import type { Visit } from './visit.ts'

/** Runs a batch that writes a file and keeps it: the one proof of what the machine itself may do. */
export function bootMachine(visit: Visit): Promise<readonly Check[]> {
  const { ask, session } = visit
  const { project, bucket } = ask
  const batch = { name: 'the batch that comes with doctor', document: describeBatch(visit) }
  const key = `doctor/${session.world.clock.now()}`
  return look('machine', async () =>
    judge(
      await runInnerBatch({ project, bucket, batch, key, retry: false }, session),
      visit,
      await findAccount(visit),
    ),
  )
}

/** The image and the zones have to be known before anything is done. */
export function readBootWishes({ ask, file, zones, session }: Omit<Visit, 'member'>) {
  const image = ask.image ?? file?.batch.machine.image
  const problems = [
    ...(image === undefined
      ? [
          {
            where: session.spell('image'),
            message: 'required with a boot, unless a batch file names one, such as ml-batch.',
          },
        ]
      : []),
    ...(zones.length === 0
      ? [
          {
            where: session.spell('zones'),
            message: 'required with a boot, unless a batch file names some, such as us-central1-a.',
          },
        ]
      : []),
  ]
  if (problems.length > 0) throw new InputError(problems)
  return { image, zones }
}

/** The batch's own machine, as small as it gets. */
function describeBatch(visit: Visit): object {
  const { image, zones } = readBootWishes(visit)
  const { serviceAccount, subnetwork, externalIp } = visit.file?.batch.machine ?? {}
  const account = visit.ask.serviceAccount ?? serviceAccount
  return {
    name: 'doctor',
    machine: {
      image,
      type: 'e2-small',
      zones,
      ...(account !== undefined && { service_account: account }),
      ...(subnetwork !== undefined && { subnetwork }),
      ...(externalIp === false && { external_ip: false }),
    },
    timeout: '15m',
    code: 'none',
    secrets: Object.fromEntries(
      listSecrets(visit).map((wish, index) => [
        `SECRET_${index + 1}`,
        { secret: nameSecret(wish), as: 'file' },
      ]),
    ),
    steps: [{ name: 'prove', run: 'uname -a > proof.txt' }],
    outputs: [{ path: 'proof.txt' }],
  }
}

function judge(outcome: Outcome, visit: Visit, account: string | undefined): Omit<Check, 'name'> {
  const { ask } = visit
  const { state, message, run, machineGone, reason } = outcome
  if (state === 'succeeded')
    return {
      status: 'ok',
      says: `it ran, wrote to gs://${ask.bucket}/${run}, and was gone at ${machineGone}`,
    }
  const fix = account === undefined ? [] : listGrants(message, visit, account)
  // A machine that may not read the bucket cannot say anything in it either, and is lost.
  const isRole = reason === 'permission' || state === 'lost'
  return {
    status: 'missing',
    says: `${state}: ${message.split('\n')[0]}`,
    ...(isRole && { role: true, fix }),
  }
}

function listGrants(message: string, visit: Visit, account: string): readonly string[] {
  const { bucket, project } = visit.ask
  return /may not read the secret/.test(message)
    ? grantSecrets(listSecrets(visit), account, project)
    : [grantOnBucket(bucket, nameMember(account), objects.role)]
}
