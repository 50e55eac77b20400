import { type Check, look } from './check.ts'
import { actAs, enable, grantOnAccount, grantOnBucket, nameMember, objects } from './roles.ts'
import type { Visit } from './visit.ts'

/** The account that machines act as: whether the caller may give it to them, and what it needs itself. */
export async function checkMachineAccount(visit: Visit): Promise<readonly Check[]> {
  const { ask, file, project } = visit
  const chosen = ask.serviceAccount ?? file?.batch.machine.serviceAccount
  let email = chosen
  const checks = await look('machine account', async () => {
    email ??= (await project()).defaultServiceAccount
    if (email !== undefined) return []
    const says = 'the project has no default service account: make one, and name it as service_account'
    return { status: 'missing', says, fix: [create('mayfly-machine', ask.project)] }
  })
  if (email === undefined) return checks
  return [...(await checkActAs(email, visit)), describeRights(email, visit)]
}

function checkActAs(email: string, { ask, survey, member }: Visit): Promise<readonly Check[]> {
  const { project } = ask
  const fixes = {
    absent: [create(email.split('@')[0] ?? '', project)],
    disabled: enable('iam.googleapis.com', project),
  }
  return look(
    'machine account',
    async () => {
      const held = await survey
        .heldOnServiceAccount(email, actAs.permissions)
        // Who holds it in the whole project holds it on the account.
        .catch(async (error) => {
          const inProject = await survey.heldInProject(actAs.permissions).catch(() => [])
          if (inProject.length === 0) throw error
          return inProject
        })
      if (held.length > 0) return { status: 'ok', says: `the caller may give machines ${email}` }
      const says = `the caller lacks ${actAs.permissions.join(', ')} on ${email}`
      const fix = [grantOnAccount(email, project, member, actAs.role)]
      return { status: 'missing', role: true, says, fix }
    },
    fixes,
  )
}

/** What only the machine itself can prove. */
function describeRights(email: string, { ask }: Visit): Check {
  const { bucket } = ask
  return {
    name: "machine's rights",
    status: 'unknown',
    open: true,
    says: `${email} must be able to read and write gs://${bucket}; --boot proves it`,
    fix: [grantOnBucket(bucket, nameMember(email), objects.role)],
  }
}

function create(name: string, project: string): string {
  return `gcloud iam service-accounts create ${name} --project=${project}`
}
