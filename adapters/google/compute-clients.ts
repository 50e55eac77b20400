import { DisksClient } from '@google-cloud/compute/build/src/v1/disks_client.js'
import { GlobalOperationsClient } from '@google-cloud/compute/build/src/v1/global_operations_client.js'
import { ImagesClient } from '@google-cloud/compute/build/src/v1/images_client.js'
import { InstancesClient } from '@google-cloud/compute/build/src/v1/instances_client.js'
import { MachineTypesClient } from '@google-cloud/compute/build/src/v1/machine_types_client.js'
import { ZoneOperationsClient } from '@google-cloud/compute/build/src/v1/zone_operations_client.js'
import type { Transport } from './transport.ts'

type ClientOptions = NonNullable<ConstructorParameters<typeof ImagesClient>[0]>

/**
 * What each call is given, afresh since the client writes into it: the transport repeats by itself, and what it gives up
 * is not to be tried again.
 */
export const once = () => ({ retry: null })

/**
 * Compute Engine's REST clients on our transport, each made when it is first needed. They come from their own files: the
 * package's index loads 129 of them and takes a second over it.
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
    instances: remember(() => new InstancesClient(options())),
    operations: remember(() => new ZoneOperationsClient(options())),
    globalOperations: remember(() => new GlobalOperationsClient(options())),
    images: remember(() => new ImagesClient(options())),
    machineTypes: remember(() => new MachineTypesClient(options())),
    disks: remember(() => new DisksClient(options())),
  }
}

function remember<T>(open: () => T): () => T {
  let opened: T | undefined
  return () => {
    opened ??= open()
    return opened
  }
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
