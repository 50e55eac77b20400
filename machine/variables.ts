import type { Job } from './job.ts'

/** A variable of the batch's, or of the machine's own: credentials and addresses of what is not Google Cloud. */
export function readVariable({ run }: Pick<Job, 'run'>, name: string): string | undefined {
  return run.env[name] || process.env[name] || undefined
}
