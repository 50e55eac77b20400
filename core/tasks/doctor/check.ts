import { CloudError } from '../../errors.ts'

/** One thing that was looked at. */
export interface Check {
  readonly name: string
  /** `warning`: it works, and something may harm. `unknown`: nobody could tell. */
  readonly status: 'ok' | 'warning' | 'missing' | 'unknown'
  /** One line. */
  readonly says: string
  /** Commands that put it right. */
  readonly fix?: readonly string[]
  /** What is missing, or may be, is a right of somebody's. */
  readonly role?: true
  /** Only a machine could tell, so that not to know it is no fault. */
  readonly open?: true
}

/** Looks at something; what Google does not answer is unknown, and whatever it says is not there is missing. */
export async function look(
  name: string,
  act: () => Promise<Omit<Check, 'name'> | readonly Omit<Check, 'name'>[]>,
  fixes: { readonly absent?: readonly string[]; readonly disabled?: string } = {},
): Promise<readonly Check[]> {
  try {
    return [await act()].flat().map((check) => ({ name, ...check }))
  } catch (error) {
    if (!(error instanceof CloudError)) throw error
    const says = error.message.split('\n')[0] ?? ''
    if (error.failure === 'not-found')
      return [{ name, status: 'missing', says, ...(fixes.absent && { fix: fixes.absent }) }]
    const off =
      fixes.disabled !== undefined &&
      /SERVICE_DISABLED|accessNotConfigured|or it is disabled/.test(error.message)
    return [{ name, status: 'unknown', says, ...(off && { fix: [fixes.disabled] }) }]
  }
}

/** What is asked for and not among what is held. */
export function findLacking(asked: readonly string[], held: readonly string[]): readonly string[] {
  return asked.filter((permission) => !held.includes(permission))
}
