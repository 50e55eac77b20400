import type { Context } from '../../core/host.ts'

type Facts = { readonly [Name in keyof Context]: Context[Name] | undefined } & Pick<
  Context,
  'by' | 'jobAttempt'
>

/** A context without the facts that the host leaves empty. */
export function describeContext(facts: Facts): Context {
  return Object.fromEntries(
    Object.entries(facts).filter(([, fact]) => fact !== undefined && fact !== ''),
  ) as unknown as Context
}

/** One name from all its parts, or none when the host lacks one of them. */
export function nameJob(...parts: readonly (string | undefined)[]): string | undefined {
  return parts.some((part) => part === undefined || part === '') ? undefined : parts.join('/')
}
