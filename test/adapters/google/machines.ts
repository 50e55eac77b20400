import { randomUUID } from 'node:crypto'
import { openCompute } from '../../../adapters/google/compute.ts'
import type { TransportOptions } from '../../../adapters/google/transport.ts'
import type { Compute, InstanceSpec } from '../../../core/world.ts'
import { type Emulator, startEmulator } from '../../../emulator/index.ts'
import { openImpatient } from './bucket.ts'

export const zone = 'us-central1-a'

/** The project `acme` of any server, as the adapter sees it. */
export function openMachines(url: string, options: Partial<TransportOptions> = {}): Compute {
  const patience = { totalMs: 2_000, pauseMs: 10 }
  return openCompute('acme', {
    endpoint: url,
    transport: openImpatient({ deadlineMs: 1_000, ...options }),
    patience,
  })
}

export interface LocalMachines extends AsyncDisposable {
  readonly google: Emulator
  readonly compute: Compute
}

export async function startMachines(): Promise<LocalMachines> {
  const google = await startEmulator()
  return {
    google,
    compute: openMachines(google.url),
    [Symbol.asyncDispose]: () => google[Symbol.asyncDispose](),
  }
}

export function specify(wish: Partial<InstanceSpec> = {}): InstanceSpec {
  return {
    name: 'vm-1',
    zone,
    machineType: 'n2-standard-4',
    image: 'projects/acme/global/images/family/mayfly-local',
    spot: false,
    maxRunSeconds: 3_600,
    labels: { run: 'r1' },
    metadata: { 'startup-script': '#!/bin/sh\necho hello from the machine\nsleep 60\n' },
    externalIp: false,
    requestId: randomUUID(),
    ...wish,
  }
}
