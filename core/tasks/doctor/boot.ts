import { InputError } from '../../errors.ts'
import type { Session } from '../../task.ts'
import { gatherFacts } from '../run-batch/facts.ts'
import type { Outcome } from '../run-batch/outcome.ts'
import { planRun } from '../run-batch/plan.ts'
import { runBatch } from '../run-batch/task.ts'
import { type Check, look } from './check.ts'
import { grantOnBucket, nameMember, objects } from './roles.ts'
import type { Visit } from './visit.ts'

const ownFile = 'the batch that comes with doctor'

/** Runs a batch that writes a file and keeps it: the one proof of what the machine itself may do. */
export async function bootMachine(visit: Visit): Promise<readonly Check[]> {
  const { ask, session } = visit
  const { project, bucket } = ask
  const inner = lend(session, writeBatch(visit))
  const key = `doctor/${session.world.clock.now()}`
  return look('machine', async () => {
    const asked = { project, bucket, batch: ownFile, params: {}, code: undefined, key }
    const run = planRun(await gatherFacts(asked, inner))
    return judge(
      await runBatch.run({ project, bucket, wait: true, retry: false, run }, inner),
      visit,
      await findAccount(visit),
    )
  })
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

function lend(session: Session, batch: string): Session {
  const files = {
    read: (path: string) => (path === ownFile ? Promise.resolve(batch) : session.world.files.read(path)),
  }
  return {
    ...session,
    setOutput: () => undefined,
    world: { ...session.world, files },
  }
}

/** The batch's own machine, as small as it gets. JSON is YAML. */
function writeBatch(visit: Visit): string {
  const { image, zones } = readBootWishes(visit)
  const { serviceAccount, subnetwork, externalIp } = visit.file?.batch.machine ?? {}
  const account = visit.ask.serviceAccount ?? serviceAccount
  return JSON.stringify({
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
    steps: [{ name: 'prove', run: 'uname -a > proof.txt' }],
    outputs: [{ path: 'proof.txt' }],
  })
}

async function findAccount({ ask, file, project }: Visit): Promise<string | undefined> {
  return ask.serviceAccount ?? file?.batch.machine.serviceAccount ?? (await project()).defaultServiceAccount
}

function judge(outcome: Outcome, { ask }: Visit, account: string | undefined): Omit<Check, 'name'> {
  const { state, message, run, machineGone, reason } = outcome
  if (state === 'succeeded')
    return {
      status: 'ok',
      says: `it ran, wrote to gs://${ask.bucket}/${run}, and was gone at ${machineGone}`,
    }
  const fix = account === undefined ? [] : [grantOnBucket(ask.bucket, nameMember(account), objects.role)]
  // A machine that may not read the bucket cannot say anything in it either, and is lost.
  const isRole = reason === 'permission' || state === 'lost'
  return {
    status: 'missing',
    says: `${state}: ${message.split('\n')[0]}`,
    ...(isRole && { role: true, fix }),
  }
}
