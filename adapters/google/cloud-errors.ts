import { CloudError, type CloudFailure, MayflyError } from '../../core/errors.ts'
import { classify } from './failure-classes.ts'
import { CallFailure, type Refusal } from './failures.ts'

/** What was asked of Google, for messages. */
export interface Wish {
  /** Google's own name of the method, such as `compute.instances.insert`. */
  readonly method: string
  /** Of what, such as `gs://bucket/name` or `instance NAME in ZONE`. */
  readonly about: string
}

/**
 * Does something at Google, and names what was wished in the CloudError if it fails. An abort by the signal keeps its
 * reason.
 */
export async function attempt<T>(wish: Wish, act: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  try {
    return await act()
  } catch (error) {
    signal?.throwIfAborted()
    throw toCloudError(wish, error)
  }
}

/** The CloudError for what a client threw; an error that is clear already stays as it is. */
export function toCloudError({ method, about }: Wish, thrown: unknown): unknown {
  // The clients wrap what the transport threw.
  const error = findCause(thrown)
  if (error instanceof MayflyError) return error
  const text = error instanceof Error ? error.message : String(error)
  if (!(error instanceof CallFailure)) {
    return new CloudError('unknown', method, `${about}: ${text}`, { cause: error })
  }
  const { refusal } = error
  const failure = refusal ? classify(refusal) : 'unknown'
  const message = [`${about}: ${text}.`, advise(method, failure, refusal)].filter(Boolean).join(' ')
  return new CloudError(failure, method, message, {
    cause: error,
    zonesAvailable: refusal?.zonesAvailable ?? [],
  })
}

/** For a read of what need not be there: undefined for it, but not when that in which it would be is missing. */
export function ignoreAbsence(error: unknown): undefined {
  const failure = error instanceof CloudError && error.failure === 'not-found' ? error.cause : undefined
  if (failure instanceof CallFailure && !isHolderMissing(failure.refusal)) return undefined
  throw error
}

/** A bucket, a project or a zone that is not there. */
function isHolderMissing(refusal: Refusal | undefined): boolean {
  const holder = /find project|'projects\/[^/']+(\/zones\/[^/']+)?' was not found/i
  return isBucketMissing(refusal) || holder.test(refusal?.message ?? '')
}

function isBucketMissing(refusal: Refusal | undefined): boolean {
  return /bucket does not exist/i.test(refusal?.message ?? '')
}

function findCause(error: unknown): unknown {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof CallFailure || cause instanceof MayflyError) return cause
  }
  return error
}

// https://cloud.google.com/iam/docs/roles-permissions
const needs: Readonly<Record<string, string>> = {
  'storage.objects.insert':
    'storage.objects.create on the bucket (and storage.objects.delete to overwrite), as in roles/storage.objectUser',
  'storage.objects.get': 'storage.objects.get on the bucket, as in roles/storage.objectUser',
  'storage.objects.list': 'storage.objects.list on the bucket, as in roles/storage.objectUser',
  'storage.buckets.get': 'storage.buckets.get on the bucket, as in roles/storage.bucketViewer',
  'secretmanager.versions.access':
    'secretmanager.versions.access on the secret, as in roles/secretmanager.secretAccessor',
  'serviceusage.services.batchGet': 'serviceusage.services.get, as in roles/serviceusage.serviceUsageViewer',
  'compute.instances.insert':
    'compute.instances.create, as in roles/compute.instanceAdmin.v1, and iam.serviceAccounts.actAs on the service account of the machine, as in roles/iam.serviceAccountUser',
  'compute.instances.delete': 'compute.instances.delete, as in roles/compute.instanceAdmin.v1',
  'compute.instances.aggregatedList': 'compute.instances.list, as in roles/compute.viewer',
  'compute.disks.aggregatedList': 'compute.disks.list, as in roles/compute.viewer',
  'compute.disks.delete': 'compute.disks.delete, as in roles/compute.instanceAdmin.v1',
  'compute.images.patch': 'compute.images.update, as in roles/compute.storageAdmin',
  'compute.images.setLabels': 'compute.images.setLabels, as in roles/compute.storageAdmin',
  'compute.images.deprecate': 'compute.images.deprecate, as in roles/compute.storageAdmin',
  'compute.images.delete': 'compute.images.delete, as in roles/compute.storageAdmin',
  'batch.jobs.create':
    'batch.jobs.create, as in roles/batch.jobsEditor, and iam.serviceAccounts.actAs on the service account of the machines, as in roles/iam.serviceAccountUser',
  'batch.jobs.get': 'batch.jobs.get, as in roles/batch.jobsViewer',
  'batch.jobs.list': 'batch.jobs.list, as in roles/batch.jobsViewer',
  'batch.jobs.cancel': 'batch.jobs.cancel, as in roles/batch.jobsEditor',
  'compute.images.get': 'compute.images.get in the project of the image, as in roles/compute.imageUser',
}

function advise(method: string, failure: CloudFailure, refusal: Refusal | undefined): string | undefined {
  if (refusal?.status === 401) return 'The credentials have ended or are not for this: sign in again.'
  if (failure === 'permission' && !isPolicy(refusal)) {
    return `Whoever runs this needs ${needs[method] ?? `${method}, as in roles/compute.viewer`}.`
  }
  if (failure === 'not-found' && isBucketMissing(refusal)) {
    return 'Correct the name of the bucket, or create it with: gcloud storage buckets create'
  }
  return undefined
}

/** Refused for all: the API is off in the project, or an organisation forbids it. Google's sentence says what to do. */
function isPolicy(refusal: Refusal | undefined): boolean {
  const reason = /^(accessNotConfigured|SERVICE_DISABLED|constraints\/.*)$/
  // Newer APIs say PERMISSION_DENIED alone, and the rest in their sentence.
  return reason.test(refusal?.reason ?? '') || /or it is disabled/.test(refusal?.message ?? '')
}
