import { invalid } from './errors.ts'

const name = '[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?'
const nameOrId = `${name}|[1-9][0-9]{0,19}`
const project =
  '(?:(?:[-a-z0-9]{1,63}\\.)*(?:[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?):)?(?:[0-9]{1,19}|(?:[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?))'

/** The name of a new resource. Throws 400 for one that Google refuses. */
export function checkName(value: string | undefined, field: string): string {
  return match(value, field, name)
}

/** Checks the names in a request's path, which become names of files here. Throws 400. */
export function checkParams(params: Readonly<Record<string, string>>): void {
  for (const [field, value] of Object.entries(params)) {
    // `_` is the router's own, and always empty.
    if (field !== '_') match(value, field, field === 'project' ? project : nameOrId)
  }
}

function match(value: string | undefined, field: string, regex: string): string {
  if (value !== undefined && new RegExp(`^(?:${regex})$`).test(value)) return value
  throw invalid(field, value, `Must be a match of regex '${regex}'`)
}
