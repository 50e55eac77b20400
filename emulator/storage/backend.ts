import { randomUUID } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Draft, openDraft } from './draft.ts'
import { openPermissions, type Permissions } from './permissions.ts'
import { openSessions, type Sessions } from './sessions.ts'
import { openStore, type Store } from './store.ts'

/** All that Cloud Storage holds, apart from how it is asked for. */
export interface Backend {
  readonly store: Store
  readonly sessions: Sessions
  readonly permissions: Permissions
  /** Where bytes may be put that are to become an object; gone at the next start if they did not. */
  draftPath(): string
  draft(): Promise<Draft>
}

/** Opens what is kept in `folder`, or begins there. `now` gives milliseconds since 1970. */
export async function openBackend(folder: string, now: () => number): Promise<Backend> {
  const draftFolder = join(folder, 'drafts')
  mkdirSync(draftFolder, { recursive: true })
  const store = openStore(join(folder, 'buckets'), now)
  const sessions = await openSessions(join(folder, 'sessions'), draftFolder)
  const draftPath = () => join(draftFolder, randomUUID())
  return { store, sessions, permissions: openPermissions(), draftPath, draft: () => openDraft(draftPath()) }
}
