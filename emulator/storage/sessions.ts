import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { GoogleError } from '../errors.ts'
import type { StoredObject } from './bucket.ts'
import { readRecords, sweepFolder, writeRecord } from './disk.ts'
import { type Draft, openDraft } from './draft.ts'
import type { Write } from './writes.ts'

/** A resumable upload. */
export interface Session {
  readonly id: string
  readonly write: Write
  readonly draft: Draft
  /** How it ended, once it has. */
  readonly outcome: StoredObject | 'cancelled' | undefined
  end(outcome: StoredObject | 'cancelled'): Promise<void>
  /** Runs one piece of work at a time: a client may come back while its last request is still being read. */
  alone<T>(work: () => Promise<T>): Promise<T>
}

/** All resumable uploads; they outlive the emulator's process. */
export interface Sessions {
  start(write: Write): Promise<Session>
  /** Throws Google's 404. */
  find(id: string | null): Session
  /** Forgets a session that can no longer succeed. */
  drop(session: Session): Promise<void>
}

interface SessionRecord extends Pick<Session, 'id' | 'write'> {
  outcome?: StoredObject | 'cancelled'
}

/** Opens the sessions kept in `folder`. Their bytes are in `draftFolder` under their ids; other drafts there are swept. */
export async function openSessions(folder: string, draftFolder: string): Promise<Sessions> {
  mkdirSync(folder, { recursive: true })
  const recordPath = (id: string) => join(folder, `${id}.json`)
  const sessions = new Map<string, Session>()

  async function open(record: SessionRecord, resume: boolean): Promise<Session> {
    const { id, write } = record
    const draft = await openDraft(join(draftFolder, id), { resume })
    let outcome = record.outcome
    let turn: Promise<unknown> = Promise.resolve()
    const session: Session = {
      id,
      write,
      draft,
      get outcome() {
        return outcome
      },
      async end(result) {
        outcome = result
        writeRecord(recordPath(id), { ...record, outcome })
        await draft[Symbol.asyncDispose]()
      },
      alone(work) {
        const result = turn.then(work)
        turn = result.catch(() => {})
        return result
      },
    }
    sessions.set(id, session)
    return session
  }

  for (const record of readRecords<SessionRecord>(folder)) {
    const bytes = existsSync(join(draftFolder, record.id))
    // Its bytes became an object, but a kill came before the record of that: the client has to look for itself.
    if (!record.outcome && !bytes) rmSync(recordPath(record.id))
    else await open(record, bytes)
  }
  const unfinished = [...sessions.values()].filter(({ outcome }) => !outcome)
  sweepFolder(draftFolder, new Set(unfinished.map(({ id }) => id)))

  return {
    async start(write) {
      const record = { id: randomUUID(), write }
      writeFileSync(join(draftFolder, record.id), '')
      writeRecord(recordPath(record.id), record)
      return open(record, false)
    },
    find(id) {
      const session = sessions.get(id ?? '')
      if (session) return session
      throw new GoogleError(404, 'notFound', `No such upload: ${id}`)
    },
    async drop({ id, draft }) {
      sessions.delete(id)
      rmSync(recordPath(id))
      await draft[Symbol.asyncDispose]()
    },
  }
}
