import type { Job } from './job.ts'
import { readSecretVariable } from './secrets.ts'

/** A variable of the batch's, or of the machine's own: credentials and addresses of what is not Google Cloud. */
export function readVariable(job: Job, name: string): string | undefined {
  return readSecretVariable(job, name) || job.run.env[name] || process.env[name] || undefined
}
