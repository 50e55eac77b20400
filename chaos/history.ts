import type { ImageRecord } from '../core/world.ts'

/** An object written to Cloud Storage. */
interface Write {
  readonly at: number
  readonly by: string
  readonly name: string
  readonly text: string
  /** Another one of the name was there. */
  readonly replaced: boolean
}

/** An instance from its creation to its end. */
export interface Life {
  readonly id: string
  readonly name: string
  readonly zone: string
  readonly spot: boolean
  readonly labels: Readonly<Record<string, string>>
  readonly created: number
  /** Who asked for its deletion first, and when. */
  removed?: { readonly by: string; readonly at: number }
  /** When it became RUNNING. */
  running?: number
  /** When no program ran on it any more: deleted, or TERMINATED after a host error. */
  ended?: number
  /** When it was not found any more. */
  gone?: number
}

/** A disk from its creation to its end. */
export interface DiskLife {
  readonly id: string
  readonly name: string
  readonly zone: string
  readonly labels: Readonly<Record<string, string>>
  /** The id of the image that it was made from. */
  readonly image?: string
  readonly created: number
  gone?: number
}

/** An image from its creation to its end. */
export interface ImageLife {
  readonly id: string
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly created: number
  /** No machine of it can do its work. */
  readonly broken: boolean
  readonly families: { readonly at: number; readonly by: string; readonly family: string }[]
  /** Who deleted it, and what it was then. */
  removed?: { readonly at: number; readonly by: string; readonly image: ImageRecord }
}

/** The user's own program, which must not be started twice. */
export interface Work {
  readonly instanceId: string
  readonly path: string
  readonly attempt: number
  readonly started: number
  ended?: number
  /** Absent when it was stopped. */
  exitCode?: number
}

/** What a caller was told. */
export interface Told {
  readonly by: string
  readonly at: number
  /** 0 says success to whoever looks at nothing else. */
  readonly exitCode: number
  /** The run that it is about: `runs/<batch>/<id>`. */
  readonly run?: string
  /** The attempt that it is about. */
  readonly attempt?: number
  readonly state?: string
  /** The run's own exit code, as the outcome tells it. */
  readonly runExitCode?: number
  readonly machineGone?: boolean
  /** An upload's: the digest that the tag is said to have. */
  readonly digest?: string
  /** A build's: the id of the image that the tag is said to have. */
  readonly image?: string
  /** A sweep's: zones that it did not see. */
  readonly unseenZones?: readonly string[]
  /** Lines of the work's output, as they were passed on. */
  readonly heard: readonly string[]
  /** A failure that is no outcome. */
  readonly error?: string
}

/** All that really happened, as the cloud and the callers saw it. The checker reads nothing else. */
export interface History {
  readonly writes: Write[]
  readonly lives: Life[]
  readonly disks: DiskLife[]
  readonly images: ImageLife[]
  readonly works: Work[]
  readonly told: Told[]
  /** Who had not come to an end when everything had had the time to. */
  readonly stuck: string[]
  /** For people: every request and its fate, when asked for. */
  readonly trace: string[] | undefined
}

export function beginHistory(withTrace: boolean): History {
  return {
    writes: [],
    lives: [],
    disks: [],
    images: [],
    works: [],
    told: [],
    stuck: [],
    trace: withTrace ? [] : undefined,
  }
}
