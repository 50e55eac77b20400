import { accepted } from './examples/accepted.ts'
import { refusedFile } from './examples/file.ts'
import { refusedInputs } from './examples/inputs.ts'
import { refusedMachine } from './examples/machine.ts'
import { refusedOutputs } from './examples/outputs.ts'
import { refusedParams } from './examples/params.ts'
import { refusedSecrets } from './examples/secrets.ts'
import { refusedSteps } from './examples/steps.ts'
import { acceptedTasks, refusedTasks } from './examples/tasks.ts'
import type { Example } from './examples/write.ts'

/** Every batch file that reader and schema are tried with. */
export const examples: readonly Example[] = [
  ...[...accepted, ...acceptedTasks].map((each) => ({ ...each, problems: [] })),
  ...refusedFile,
  ...refusedMachine,
  ...refusedParams,
  ...refusedSecrets,
  ...refusedSteps,
  ...refusedInputs,
  ...refusedOutputs,
  ...refusedTasks,
]
