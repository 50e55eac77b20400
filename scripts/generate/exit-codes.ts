import { exitCodes } from '../../core/errors.ts'

/** What every exit code of Mayfly's own means, and what to do. */
const meanings: Record<keyof typeof exitCodes, string> = {
  success: 'Done, or done before.',
  badInput: 'An input or the batch file is wrong. Nothing was done.',
  conflict:
    'What was asked for exists and differs: a moved tag, a key with other contents. Nothing was changed.',
  imagePull: 'A container image could not be pulled.',
  stockout: 'No zone had room for the machine. Try again later, or name more zones.',
  unknown: 'Something that Mayfly did not foresee; the log says what.',
  preempted: 'Google took the spot machine back.',
  quota: 'A quota of the project is used up.',
  outputs: 'The steps succeeded, and an output is missing or could not be stored.',
  lost: 'The machine went away without a result.',
  permission: 'Google refused: a role is missing.',
  timedOut: 'A step or the run took longer than its timeout.',
  interrupted: 'Cancelled by SIGINT.',
  terminated: 'Cancelled by SIGTERM.',
}

/** Exit code → meaning, by number. */
export function listExitCodes(): readonly (readonly [number, string])[] {
  const names = Object.keys(exitCodes) as (keyof typeof exitCodes)[]
  return names.map((name) => [exitCodes[name], meanings[name]] as const).sort(([a], [b]) => a - b)
}
