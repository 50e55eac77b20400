import { GoogleError } from '../errors.ts'

/** One right that the caller shall not have: `{ bucket: 'lake', permission: 'storage.objects.create' }`. */
export interface Denial {
  readonly bucket: string
  readonly permission: string
}

/** Who may do what. Everybody may do everything until something is denied. */
export interface Permissions {
  deny(denial: Denial): void
  allows(bucket: string, permission: string): boolean
  /** Throws Google's 403, which names the permission. */
  require(bucket: string, permission: string): void
}

export function openPermissions(): Permissions {
  const denied = new Set<string>()
  const allows = (bucket: string, permission: string) => !denied.has(`${bucket} ${permission}`)
  return {
    deny: ({ bucket, permission }) => denied.add(`${bucket} ${permission}`),
    allows,
    require(bucket, permission) {
      if (allows(bucket, permission)) return
      const what = /^storage\.objects\.(?!list)/.test(permission) ? 'object' : 'bucket'
      const message =
        `emulator@mayfly.iam.gserviceaccount.com does not have ${permission} access to the Google Cloud Storage ${what}. ` +
        `Permission '${permission}' denied on resource (or it may not exist).`
      throw new GoogleError(403, 'forbidden', message)
    },
  }
}
