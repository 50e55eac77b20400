import { crc32cOf } from '../../core/crc32c.ts'
import { attempt } from './cloud-errors.ts'
import { CallFailure } from './failures.ts'
import { readJson, type Transport } from './transport.ts'

/** What a version of a secret holds. */
interface SecretPayload {
  /** The version itself, also where an alias such as `latest` was asked for: `projects/NUMBER/secrets/NAME/versions/7`. */
  readonly version: string
  readonly bytes: Uint8Array
}

/** Secret Manager. Every failure is a CloudError. */
export interface Secrets {
  /** `name`: `projects/PROJECT/secrets/NAME/versions/VERSION`. */
  access(name: string, signal?: AbortSignal): Promise<SecretPayload>
}

interface AccessAnswer {
  readonly name: string
  readonly payload: {
    readonly data?: string
    /** int64, as JSON writes it. */
    readonly dataCrc32c?: string
  }
}

/** `endpoint`: without a slash at the end. One call and no client: a machine loads its agent at every start. */
export function openSecrets({ endpoint, transport }: { endpoint: string; transport: Transport }): Secrets {
  return {
    // https://cloud.google.com/secret-manager/docs/reference/rest/v1/projects.secrets.versions/access
    access: (name, signal) =>
      attempt(
        { method: 'secretmanager.versions.access', about: name },
        async () => {
          const url = `${endpoint}/v1/${name.split('/').map(encodeURIComponent).join('/')}:access`
          const answer = await transport.send({ http: 'GET', url, ...(signal && { signal }) })
          return readPayload(readJson<AccessAnswer>(answer))
        },
        signal,
      ),
  }
}

function readPayload({ name, payload }: AccessAnswer): SecretPayload {
  const bytes = Buffer.from(payload.data ?? '', 'base64')
  const found = Buffer.from(crc32cOf(bytes), 'base64').readUInt32BE()
  if (String(found) === payload.dataCrc32c) return { version: name, bytes }
  throw new CallFailure(`the payload came damaged: its crc32c is ${found}, not ${payload.dataCrc32c}`)
}
