import { openS3 } from '../aws.ts'
import type { Job } from '../job.ts'
import { type Sink, splitPlace } from './sink.ts'

/** A folder in S3. */
export function openS3Sink(job: Job, to: string): Sink {
  const { bucket, folder } = splitPlace(to)
  const signal = job.deadline.end
  const objects = openS3(job, signal)(bucket)
  return {
    uri: `s3://${bucket}/${folder}`,
    async store({ file, path }) {
      const { size, etag, version, crc32c } = await objects.put(folder + path, file, signal)
      const uri = `s3://${bucket}/${folder}${path}`
      return { uri, size, crc32c, etag, ...(version !== undefined && { version }) }
    },
  }
}
