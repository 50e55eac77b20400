import type { exitCodes } from './errors.ts'

/** What every exit code of Mayfly's own means. */
export const exitMeanings: Readonly<Record<keyof typeof exitCodes, string>> = {
  success: 'Done, or done before.',
  badInput: 'An input or the batch file is wrong. Nothing was done.',
  conflict: 'What was asked for exists and differs. Nothing was changed.',
  imagePull: 'A container image could not be pulled.',
  stockout: 'No zone had room for the machine. Try again later, or name more zones.',
  unknown: 'Something that Mayfly did not foresee; the log says what.',
  preempted: 'Google took the spot machine back.',
  unwell: '`check-batch` looked, and a batch is not well: too old, failed, or short of its outputs.',
  quota: 'A quota of the project is used up.',
  outputs: 'The steps succeeded, and an output is missing or could not be stored.',
  lost: 'The machine went away without a result.',
  permission: 'Google refused: a role is missing.',
  timedOut: 'A step or the run took longer than its timeout.',
  interrupted: 'Cancelled by SIGINT (Ctrl-C).',
  terminated: 'Cancelled by SIGTERM.',
}
