import type { Target } from './hosts.ts'

/** Why a host cannot be reached, for the client to read in a 502. */
export function explainRefusal({ host, port }: Target, error: Error): string {
  // Of a name with several addresses, each has its own.
  const reasons = error instanceof AggregateError ? (error.errors as Error[]) : [error]
  const reason = reasons.map(({ message }) => message).join('; ')
  return `The local cloud's proxy cannot reach ${host}:${port}: ${reason}.\n`
}
