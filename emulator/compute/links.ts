import { invalid } from './errors.ts'

/** A resource's short link, `projects/p/zones/z/disks/d`: what is stored, whatever host a client used. */
export type Link = string

const anyHost = /^https?:\/\/[^/]+\/(?:compute\/(?:v1|beta|alpha)\/)?/

/**
 * The link that a client meant: a full URL, one that begins at `projects/`, or one that leaves out the project. Throws
 * 400 for anything else, such as Packer 1.6's URLs without `projects/` (packer-plugin-googlecompute#15).
 */
export function readLink(value: unknown, field: string, project: string): Link {
  const text = String(value ?? '').replace(anyHost, '')
  const link = /^(?:global|zones|regions)\//.test(text) ? `projects/${project}/${text}` : text
  if (/^projects\/[^/]+\/(?:global|zones\/[^/]+|regions\/[^/]+)\/[\w-]+\/[^/]/.test(link)) return link
  throw invalid(field, value, 'The URL is malformed.')
}

/** The last part of a link. */
export function nameOf(link: string): string {
  return link.slice(link.lastIndexOf('/') + 1)
}

export function zoneLink(project: string, zone: string): Link {
  return `projects/${project}/zones/${zone}`
}

export function regionOf(zone: string): string {
  return zone.slice(0, zone.lastIndexOf('-'))
}

// Their values are the client's own text, and no links even if they look like some.
const opaque = new Set(['metadata', 'commonInstanceMetadata', 'labels', 'description', 'error', 'name'])

/** A stored resource as the wire shows it: links are full URLs, and `local`, the emulator's own, is left out. */
export function render(value: unknown, origin: string): unknown {
  if (typeof value === 'string')
    return value.startsWith('projects/') ? `${origin}/compute/v1/${value}` : value
  if (Array.isArray(value)) return value.map((item) => render(item, origin))
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).filter(([key, item]) => key !== 'local' && item !== undefined)
  return Object.fromEntries(
    members.map(([key, item]) => [key, opaque.has(key) ? item : render(item, origin)]),
  )
}
