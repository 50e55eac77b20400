import { findEndpoint, readEndpoints } from '../adapters/google/endpoints.ts'
import { readMetadataToken } from '../adapters/google/metadata-token.ts'
import { openSecrets, type Secrets } from '../adapters/google/secrets.ts'
import { openObjects } from '../adapters/google/storage.ts'
import { noTokens, shareTokens, type Tokens } from '../adapters/google/tokens.ts'
import { openTransport, type Transport } from '../adapters/google/transport.ts'
import type { Objects } from '../core/world.ts'
import { metadataHost } from './metadata.ts'

/** Google as a machine sees it: with its own service account, and without the weight of a client for Compute Engine. */
export interface Google {
  bucket(name: string): Objects
  readonly secrets: Secrets
  /** Without a slash at the end. */
  readonly compute: string
  readonly transport: Transport
  readonly tokens: Tokens
  /** It is not Google's. */
  readonly local: boolean
}

export function openGoogle(): Google {
  const endpoints = readEndpoints((name) => process.env[name])
  const userAgent = 'mayfly-agent'
  const tokens = endpoints.local ? noTokens : shareTokens(() => readMetadataToken(metadataHost(), userAgent))
  const transport = openTransport({ tokens, userAgent })
  return {
    bucket: (name) => openObjects(name, { endpoint: endpoints.storage, transport }),
    secrets: openSecrets({ endpoint: findEndpoint(endpoints, 'secretmanager'), transport }),
    compute: endpoints.compute,
    transport,
    tokens,
    local: endpoints.local,
  }
}
