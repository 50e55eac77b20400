import type { Life } from './history.ts'

/** What a machine does while it runs; the engine switches it on and off. */
export interface Guest {
  /** Google takes the machine away soon: the ACPI shutdown, or a spot machine's notice. */
  warn(): void
  /** No program runs any more. */
  kill(): void
}

/** What befalls an instance, decided when it is made. */
export interface Fate {
  readonly bootMs: number
  /** From RUNNING to the startup script; absent: it never starts. */
  readonly scriptMs?: number
  /** From RUNNING on. */
  readonly trouble?: { readonly is: 'preempted' | 'host-error' | 'reboot'; readonly afterMs: number }
}

/** How a creation ends. */
export interface Refusal {
  readonly failure: 'stockout' | 'quota'
  readonly zonesAvailable: readonly string[]
  readonly afterMs: number
}

export interface Machine {
  readonly life: Life
  readonly metadata: Readonly<Record<string, string>>
  /** selfLink of the image. */
  readonly image: string
  status: string
  console: string
}
