import { CloudError, type CloudFailure } from '../../core/errors.ts'
import type { Row } from '../../core/rows/row.ts'
import { type GrpcEnd, openGrpc } from './bigtable/grpc.ts'
import { decodeMutateRows, encodeMutateRows, type RowStatus } from './bigtable/messages.ts'
import type { Tokens } from './tokens.ts'

/** A table, and the family that its cells are written into. */
export interface BigtablePlace {
  readonly project: string
  readonly instance: string
  readonly table: string
  readonly family: string
}

export interface BigtableOptions {
  /** `https://bigtable.googleapis.com`, or an emulator. */
  readonly origin: string
  readonly tokens: Tokens
  readonly userAgent: string
  readonly signal: AbortSignal
}

/** What could not be written of some rows. */
interface Mutation {
  /** May go better another time. */
  readonly again: readonly Row[]
  /** The reason of one of them. */
  readonly passing?: string
  readonly refused: readonly { readonly row: Row; readonly why: string }[]
}

/** A table of Bigtable that takes rows. Every failure of a whole call is a CloudError. */
export interface Bigtable extends Disposable {
  /** `bigtable://instance/table` */
  readonly uri: string
  /** Writes cells with this time; writing them again changes nothing. */
  write(rows: readonly Row[], timestampMicros: number): Promise<Mutation>
}

const method = 'bigtable.tables.mutateRows'
const timeoutMs = 60_000

// DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, ABORTED, UNAVAILABLE: https://cloud.google.com/bigtable/docs/status-codes
const passing = new Set([4, 8, 10, 14])

export function openBigtable(
  { project, instance, table, family }: BigtablePlace,
  { origin, tokens, userAgent, signal }: BigtableOptions,
): Bigtable {
  const server = openGrpc(origin)
  const name = `projects/${project}/instances/${instance}/tables/${table}`
  const uri = `bigtable://${instance}/${table}`
  let refreshed = false
  return {
    uri,
    async write(rows, timestampMicros) {
      const message = encodeMutateRows({ table: name, family, timestampMicros, rows })
      const token = await tokens.get()
      const statuses: RowStatus[] = []
      const end = await server.call('/google.bigtable.v2.Bigtable/MutateRows', message, {
        headers: {
          'user-agent': userAgent,
          'x-goog-request-params': `table_name=${encodeURIComponent(name)}`,
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
        },
        onMessage: (bytes) => statuses.push(...decodeMutateRows(bytes)),
        timeoutMs,
        signal,
      })
      // A token may end before its time: one more chance with a new one.
      if (end.code === 16 && token !== undefined && !refreshed) {
        tokens.drop(token)
        refreshed = true
        throw new CloudError('busy', method, `${uri}: ${end.message} (gRPC 16).`)
      }
      if (end.code !== 0 && statuses.length === 0) throw toCloudError(uri, end)
      refreshed = false
      return judge(rows, statuses, end, uri, family)
    },
    [Symbol.dispose]: () => server[Symbol.dispose](),
  }
}

/** A row without a status is one that the answer did not come to. */
function judge(
  rows: readonly Row[],
  statuses: readonly RowStatus[],
  end: GrpcEnd,
  uri: string,
  family: string,
): Mutation {
  const known = new Map(statuses.map((status) => [status.index, status]))
  const again: Row[] = []
  const refused: { row: Row; why: string }[] = []
  let reason: string | undefined
  for (const [index, row] of rows.entries()) {
    const { code, message } = known.get(index) ?? { code: 14, message: end.message || 'no word of this row' }
    if (code === 0) continue
    if (/family/i.test(message)) throw refuseFamily(uri, family, message)
    if (passing.has(code)) {
      again.push(row)
      reason ??= message || `gRPC status ${code}`
    } else refused.push({ row, why: message || `gRPC status ${code}` })
  }
  return { again, refused, ...(reason !== undefined && { passing: reason }) }
}

function refuseFamily(uri: string, family: string, message: string): CloudError {
  const [, instance, table] = uri.split(/\/+/)
  const advice = `Create it with: cbt -instance ${instance} createfamily ${table} ${family}`
  return new CloudError(
    'not-found',
    method,
    `${uri}: ${message}: there is no column family ${family}. ${advice}`,
  )
}

const failures: Readonly<Record<number, CloudFailure>> = {
  3: 'invalid',
  5: 'not-found',
  7: 'permission',
  8: 'busy',
  9: 'invalid',
  12: 'invalid',
  16: 'permission',
}

function toCloudError(uri: string, { code, message }: GrpcEnd): CloudError {
  const failure = failures[code] ?? 'unknown'
  return new CloudError(
    failure,
    method,
    [`${uri}: ${message} (gRPC ${code}).`, advise(failure, uri)].join(' ').trim(),
  )
}

function advise(failure: CloudFailure, uri: string): string {
  const [, instance, table] = uri.split(/\/+/)
  if (failure === 'permission')
    return 'Whoever runs this needs bigtable.tables.mutateRows, as in roles/bigtable.user.'
  if (failure === 'not-found')
    return `Correct instance and table, or create it with: cbt -instance ${instance} createtable ${table}`
  return ''
}
