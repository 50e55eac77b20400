import { runObjects } from '../../core/depot.ts'
import { persist } from '../../core/protocol/persist.ts'
import type { PlannedOutput } from '../../core/protocol/records.ts'
import type { Objects } from '../../core/world.ts'
import type { Job } from '../job.ts'
import { type Sink, splitPlace } from './sink.ts'

/** The depot, below the attempt. A single file that it keeps is the output itself, and has its name. */
export function openDepot(job: Job, { name }: PlannedOutput, isFolder: boolean): Sink {
  const home = `${runObjects.outputs(job.self.run, job.self.attempt)}/${name}`
  return open(job, job.objects, `${home}/`, (path) => (isFolder ? `${home}/${path}` : home))
}

/** A folder in Cloud Storage. */
export function openGcs(job: Job, to: string): Sink {
  const { bucket, folder } = splitPlace(to)
  const objects = bucket === job.objects.bucket ? job.objects : job.openBucket(bucket)
  return open(job, objects, folder, (path) => folder + path)
}

function open(
  { clock, deadline }: Job,
  objects: Objects,
  home: string,
  nameOf: (path: string) => string,
): Sink {
  const signal = deadline.end
  const place = `gs://${objects.bucket}/`
  return {
    uri: place + home,
    async store({ file, path }) {
      const object = nameOf(path)
      const put = () => objects.put(object, { file }, { signal })
      const { size, crc32c, generation } = await persist(put, { clock, signal })
      return { uri: place + object, size, crc32c, generation }
    },
  }
}
