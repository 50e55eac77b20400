import { changed, invalid } from './errors.ts'
import { fingerprint } from './ids.ts'

export type Labels = Readonly<Record<string, string>>

/** What setLabels takes, of an instance or an image. */
export interface LabelsBody {
  readonly labels?: Labels
  readonly labelFingerprint?: string
}

const rules =
  'can only contain lowercase letters, numeric characters, underscores and dashes. The value can be at most 63 ' +
  'characters long. International characters are allowed.'

/** Throws 400 for labels that Google refuses: https://cloud.google.com/compute/docs/labeling-resources */
export function checkLabels(labels: Labels | undefined, field: string): Labels {
  const entries = Object.entries(labels ?? {})
  if (entries.length > 64)
    throw invalid(field, '', `Number of labels ${entries.length} exceeds the limit of 64.`)
  for (const [key, value] of entries) {
    if (!/^[\p{Ll}\p{Lo}][\p{Ll}\p{Lo}\p{N}_-]{0,62}$/u.test(key))
      throw invalid(
        field,
        '',
        `Label key '${key}' violates format constraints. The key must start with a lowercase \
character, ${rules}`,
      )
    if (typeof value !== 'string' || !/^[\p{Ll}\p{Lo}\p{N}_-]{0,63}$/u.test(value))
      throw invalid(field, '', `Label value '${value}' violates format constraints. The value ${rules}`)
  }
  return Object.fromEntries(entries)
}

/** The labels that a resource is to have instead of its own. Throws 412 when those were changed meanwhile. */
export function readLabels(body: LabelsBody, current: { readonly labelFingerprint: string }) {
  if (body.labelFingerprint !== current.labelFingerprint)
    throw changed('Labels fingerprint either invalid or resource labels have changed')
  const labels = checkLabels(body.labels, 'labels')
  return { labels, labelFingerprint: fingerprint(labels) }
}
