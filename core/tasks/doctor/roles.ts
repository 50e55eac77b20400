// What a caller needs, and the smallest of Google's own roles that gives it
// (https://cloud.google.com/iam/docs/roles-permissions).

/** Permissions and the role that has them all. */
export interface Need {
  readonly what: string
  readonly role: string
  readonly permissions: readonly string[]
}

/** To make machines and to see them gone. */
export const machines: Need = {
  what: 'make and delete machines',
  role: 'roles/compute.instanceAdmin.v1',
  permissions: [
    'compute.instances.create',
    'compute.instances.delete',
    'compute.instances.get',
    'compute.instances.getSerialPortOutput',
    'compute.instances.list',
    'compute.instances.setLabels',
    'compute.instances.setMetadata',
    'compute.instances.setServiceAccount',
    'compute.disks.create',
    'compute.disks.delete',
    'compute.disks.get',
    'compute.images.get',
    'compute.images.getFromFamily',
    'compute.images.useReadOnly',
    'compute.machineTypes.list',
    'compute.subnetworks.use',
    'compute.subnetworks.useExternalIp',
    'compute.zoneOperations.get',
    'compute.zoneOperations.list',
  ],
}

/** To have jobs of Google Cloud Batch. */
export const jobs: Need = {
  what: 'make and end jobs',
  role: 'roles/batch.jobsEditor',
  permissions: ['batch.jobs.create', 'batch.jobs.delete', 'batch.jobs.get', 'batch.jobs.list'],
}

/** What the account of a job's machines needs, for Batch's agent to say how tasks go. */
export const agentReporter = { role: 'roles/batch.agentReporter' } as const

/** And for what the agent itself says. */
export const logWriter = { role: 'roles/logging.logWriter' } as const

/** To build images and to look after their families. */
export const images: Need = {
  what: 'make images',
  role: 'roles/compute.storageAdmin',
  permissions: [
    'compute.disks.list',
    'compute.disks.useReadOnly',
    'compute.globalOperations.get',
    'compute.images.create',
    'compute.images.delete',
    'compute.images.deprecate',
    'compute.images.list',
    'compute.images.setLabels',
    'compute.images.update',
  ],
}

/** To read and write in the bucket. */
export const objects: Need = {
  what: 'read and write objects',
  role: 'roles/storage.objectUser',
  permissions: [
    'storage.objects.create',
    'storage.objects.delete',
    'storage.objects.get',
    'storage.objects.list',
  ],
}

/** To give a machine a service account. */
export const actAs: Need = {
  what: 'act as the account',
  role: 'roles/iam.serviceAccountUser',
  permissions: ['iam.serviceAccounts.actAs'],
}

/** How gcloud writes an account; an unknown one is left to the reader. */
export function nameMember(email: string | undefined): string {
  if (email === undefined) return 'user:YOUR_EMAIL'
  return `${email.endsWith('.gserviceaccount.com') ? 'serviceAccount' : 'user'}:${email}`
}

export function grantInProject(project: string, member: string, role: string): string {
  return `gcloud projects add-iam-policy-binding ${project} --member=${member} --role=${role}`
}

export function grantOnBucket(bucket: string, member: string, role: string): string {
  return `gcloud storage buckets add-iam-policy-binding gs://${bucket} --member=${member} --role=${role}`
}

export function grantOnAccount(email: string, project: string, member: string, role: string): string {
  return `gcloud iam service-accounts add-iam-policy-binding ${email} --project=${project} --member=${member} --role=${role}`
}

export function grantOnSecret(secret: string, project: string, member: string): string {
  return `gcloud secrets add-iam-policy-binding ${secret} --project=${project} --member=${member} --role=roles/secretmanager.secretAccessor`
}

export function enable(service: string, project: string): string {
  return `gcloud services enable ${service} --project=${project}`
}
