import { dirname, extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The programs of this very version. */
export interface Site {
  /** The command line's own. */
  readonly cli: string
  /** The local cloud's. */
  readonly emulator: string
}

/** Finds them from the address of cli/main: as source or bundled, programs stand beside each other. */
export function findSite(mainUrl: string): Site {
  const cli = fileURLToPath(mainUrl)
  return { cli, emulator: join(dirname(cli), '..', 'emulator', `main${extname(cli)}`) }
}
