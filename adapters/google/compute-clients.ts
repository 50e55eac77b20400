import type { ImagesClient } from '@google-cloud/compute/build/src/v1/images_client.js'
import type { Transport } from './transport.ts'

type ClientOptions = NonNullable<ConstructorParameters<typeof ImagesClient>[0]>

/** What each call is given: the transport repeats by itself, and what it gives up is not to be tried again. */
export const once = { retry: null } as const

/**
 * Opens Compute Engine's REST clients on our transport, each when it is first needed. One file at a time: the package's
 * index loads 129 clients and takes a second over it.
 */
export function openComputeClients(endpoint: string, transport: Transport) {
  const { protocol, hostname, port } = new URL(endpoint)
  const options = (): ClientOptions => ({
    apiEndpoint: hostname,
    protocol: protocol.slice(0, -1),
    port: Number(port) || (protocol === 'http:' ? 80 : 443),
    auth: openCredentials(transport) as unknown as NonNullable<ClientOptions['auth']>,
  })
  return {
    instances: remember(async () => {
      const { InstancesClient } = await import('@google-cloud/compute/build/src/v1/instances_client.js')
      return new InstancesClient(options())
    }),
    operations: remember(async () => {
      const { ZoneOperationsClient } = await import(
        '@google-cloud/compute/build/src/v1/zone_operations_client.js'
      )
      return new ZoneOperationsClient(options())
    }),
    images: remember(async () => {
      const { ImagesClient } = await import('@google-cloud/compute/build/src/v1/images_client.js')
      return new ImagesClient(options())
    }),
    machineTypes: remember(async () => {
      const { MachineTypesClient } = await import(
        '@google-cloud/compute/build/src/v1/machine_types_client.js'
      )
      return new MachineTypesClient(options())
    }),
    disks: remember(async () => {
      const { DisksClient } = await import('@google-cloud/compute/build/src/v1/disks_client.js')
      return new DisksClient(options())
    }),
  }
}

function remember<T>(open: () => Promise<T>): () => Promise<T> {
  let opened: Promise<T> | undefined
  return () => (opened ??= open())
}

interface ClientRequest {
  readonly method: string
  readonly headers: Headers
  readonly body?: string
  readonly signal: AbortSignal
}

/** Stands in for the client's credentials, through which its REST stub sends everything (gax, fallbackServiceStub.js). */
function openCredentials(transport: Transport) {
  return {
    // By this it knows credentials; over REST it never asks them.
    getRequestHeaders: async () => new Headers(),
    async fetch(url: string, { method, headers, body, signal }: ClientRequest): Promise<Response> {
      const answer = await transport.send({
        http: method,
        url,
        headers: Object.fromEntries(headers),
        ...(body !== undefined && { body }),
        signal,
      })
      const { status } = answer
      return new Response(status === 204 ? null : answer.body, { status, headers: answer.headers })
    },
  }
}
