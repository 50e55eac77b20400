import { type CloudFailure, exitCodes, type Problem } from '../core/errors.ts'
import type { InputFile, PlannedInput } from '../core/protocol/records.ts'
import { failed, type Verdict } from './verdicts.ts'

// What a machine says of inputs that it cannot give to steps.

/** What was there when the run was claimed is not there any more. */
export function inputChanged(
  { where }: PlannedInput,
  { uri, generation, etag }: InputFile,
  now: string | undefined,
): Verdict {
  const then = generation === undefined ? `ETag ${etag}` : `generation ${generation}`
  const change =
    now !== undefined
      ? `now it is ${now}`
      : generation === undefined
        ? 'it is another one or gone'
        : 'it is gone'
  return inputRefused(
    `${where}: the input ${uri} has changed since the run was claimed: then it was ${then}, ${change}. No step has begun. Ask for the run under a new key to take what is there now, or write inputs under names that are never written again.`,
  )
}

/** The code has something else in an input's place, or a link leads away from it. */
export function inputNotPlaced({ where }: PlannedInput, { uri, path }: InputFile, why: string): Verdict {
  return inputRefused(`${where}: the input ${uri} cannot be put at ${path}: ${why}. No step has begun.`)
}

function inputRefused(message: string): Verdict {
  return { state: 'failed', reason: 'bad-input', exitCode: exitCodes.badInput, message }
}

/** Inputs that only the machine may look for, and that stand for nothing. */
export function inputsRefused(problems: readonly Problem[]): Verdict {
  const lines = problems.map(({ where, message }) => `${where}: ${message}`)
  return inputRefused(`${lines.join('\n')}\nNo step has begun.`)
}

export function inputsDenied(why: string): Verdict {
  return deny(`The machine may not look for the inputs in S3: ${why} No step has begun.`)
}

/** A bucket that is not there, or somewhere else, is the batch file's mistake. */
export function inputsNotListed(why: string, failure: CloudFailure): Verdict {
  const message = `The inputs in S3 could not be looked for: ${why} No step has begun.`
  return failure === 'not-found' || failure === 'invalid' ? inputRefused(message) : failed(message)
}

export function inputDenied({ where, from }: PlannedInput, why: string): Verdict {
  return deny(`${where}: the machine may not read the input ${from}: ${why} No step has begun.`)
}

function deny(message: string): Verdict {
  return { state: 'failed', reason: 'permission', exitCode: exitCodes.permission, message }
}

export function inputNotFetched({ where }: PlannedInput, { uri }: InputFile, why: string): Verdict {
  return failed(`${where}: the input ${uri} could not be fetched: ${why} No step has begun.`)
}

export function inputListDiffers(name: string): Verdict {
  return failed(
    `${name}, the list of the run's inputs, is not what was planned: it has been damaged, replaced or removed. Nothing was run.`,
  )
}
