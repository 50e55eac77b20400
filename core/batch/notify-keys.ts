import type { Notify } from './batch.ts'
import { distinctList, key, object } from './collections.ts'
import { oneOf, yesNo } from './scalars.ts'
import type { Shape } from './shape.ts'

const occasions = ['failure', 'recovery'] as const

/** What people are told when the file does not say. */
export const defaultNotify: Notify = { slack: true, on: occasions }

/** `notify:` of a batch file. */
export const notify: Shape<Notify> = object(
  { what: 'notify' },
  {
    slack: key(yesNo, { description: 'whether Slack hears of runs', default: true }),
    on: key(distinctList(oneOf(['failure', 'recovery', 'success'])), {
      description:
        'of which ends; recovery is the first success after a failure of the same batch. Of a machine that is not provably gone, Slack hears in any case',
      default: occasions,
    }),
  },
)
