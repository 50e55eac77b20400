import { CancelledError } from '../../core/errors.ts'
import type { Program } from './program.ts'

/** Aborts on the first SIGINT or SIGTERM; the second one ends the program at once. */
export function openCancelSignal(program: Program): AbortSignal {
  const controller = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    program.on(name, () => {
      const error = new CancelledError(name)
      if (controller.signal.aborted) program.exit(error.exitCode)
      else controller.abort(error)
    })
  }
  return controller.signal
}
