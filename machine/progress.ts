import { countFiles, formatBytes } from '../core/units.ts'
import { startWatch } from './clock.ts'
import type { Job } from './job.ts'

/** How often a person wants to hear of something long. */
const everyMs = 15_000

/** Tells the log how far a transfer is, while it goes on. Disposing ends that. */
export interface Progress extends Disposable {
  /** A file is through. */
  add(bytes: number): void
  /** Of all files so far. */
  readonly bytes: number
}

/** `what`: `Fetched`, `Stored`. */
export function startProgress(
  { log }: Job,
  what: string,
  total: { files: number; bytes?: number },
): Progress {
  const seconds = startWatch()
  let files = 0
  let bytes = 0
  let told = 0
  const tell = () => {
    if (files === told) return
    told = files
    const size = total.bytes === undefined ? '' : ` of ${formatBytes(total.bytes)}`
    void log.write({
      note: `${what} ${files} of ${countFiles(total.files)}, ${formatBytes(bytes)}${size}, in ${Math.round(seconds())} s`,
    })
  }
  const timer = setInterval(tell, everyMs)
  return {
    add(more) {
      files++
      bytes += more
    },
    get bytes() {
      return bytes
    },
    [Symbol.dispose]: () => clearInterval(timer),
  }
}
