import { openCredentials } from '../adapters/aws/credentials.ts'
import { openS3Bucket, type S3Bucket } from '../adapters/aws/s3.ts'
import { noTokens } from '../adapters/google/tokens.ts'
import { openTransport } from '../adapters/google/transport.ts'
import { persist } from '../core/protocol/persist.ts'
import type { Job } from './job.ts'
import { getMetadata } from './metadata.ts'
import { readVariable } from './variables.ts'

/** Opens buckets of S3 with the credentials that the run has, all with the same. */
export function openS3(job: Job, signal: AbortSignal): (bucket: string) => S3Bucket {
  const { run, self, clock } = job
  const { aws = {} } = run
  const variable = (name: string) => readVariable(job, name)
  const region = aws.region ?? variable('AWS_REGION') ?? variable('AWS_DEFAULT_REGION') ?? 'us-east-1'
  const endpoint = aws.endpoint ?? variable('AWS_ENDPOINT_URL_S3') ?? variable('AWS_ENDPOINT_URL')
  const transport = openTransport({ tokens: noTokens, userAgent: 'mayfly-agent' })
  const credentials = openCredentials({
    variable,
    region,
    ...(aws.role !== undefined && { role: aws.role }),
    identity: readIdentity,
    session: self.run.replace(/^runs\//, ''),
    transport,
  })
  const patiently = <T>(act: () => Promise<T>) => persist(act, { clock, signal })
  return (bucket) =>
    openS3Bucket({
      bucket,
      region,
      ...(endpoint !== undefined && { endpoint }),
      credentials,
      transport,
      patiently,
    })
}

/** https://cloud.google.com/compute/docs/instances/verifying-instance-identity */
async function readIdentity(audience: string): Promise<string> {
  const path = `instance/service-accounts/default/identity?audience=${encodeURIComponent(audience)}&format=full`
  return (await getMetadata(path, AbortSignal.timeout(10_000))).text
}
