import { randomUUID } from 'node:crypto'
import { GoogleError } from '../errors.ts'
import type { FaultKind } from '../faults.ts'
import type { Call, Route } from '../http.ts'
import { route } from '../routing.ts'

/**
 * Faults in the words of Google's own conformance tests for storage clients: which method is to fail how, in order.
 * https://github.com/googleapis/storage-testbench#retry-test-api
 */
export interface RetryTests {
  readonly routes: readonly Route[]
  /** The fault that is due for a call which names a test in its header `x-retry-test-id`; it is then used up. */
  take(method: string, call: Call): FaultKind | undefined
}

interface RetryTest {
  readonly id: string
  readonly transport: 'HTTP'
  readonly instructions: Readonly<Record<string, string[]>>
}

interface RetryTestBody {
  readonly instructions?: Readonly<Record<string, readonly string[]>>
  readonly transport?: string
}

export function openRetryTests(): RetryTests {
  const tests = new Map<string, RetryTest>()

  function find(id: string): RetryTest {
    const test = tests.get(id)
    if (test) return test
    throw new GoogleError(404, 'notFound', `Retry Test ${id} does not exist.`)
  }

  return {
    take(method, call) {
      const left = tests.get(String(call.headers['x-retry-test-id'] ?? ''))?.instructions[method]
      const instruction = left?.[0]
      const fault = instruction === undefined ? undefined : readInstruction(instruction)?.(call)
      if (fault) left?.shift()
      return fault
    },
    routes: [
      route('retryTests.insert', 'POST', '/retry_test', async (call) => {
        const { instructions, transport = 'HTTP' } = await call.json<RetryTestBody>()
        if (transport.toUpperCase() !== 'HTTP') throw unknown(`transport '${transport}'`)
        if (!instructions) throw new GoogleError(400, 'required', 'Expected a member "instructions".')
        const all = Object.values(instructions).flat()
        const stranger = all.find((each) => readInstruction(each) === undefined)
        if (stranger !== undefined) throw unknown(`fault injection request '${stranger}'`)
        const copied = Object.entries(instructions).map(([method, list]) => ({ [method]: [...list] }))
        const test: RetryTest = {
          id: randomUUID().replaceAll('-', ''),
          transport: 'HTTP',
          instructions: Object.assign({}, ...copied),
        }
        tests.set(test.id, test)
        return { json: show(test) }
      }),
      route('retryTests.list', 'GET', '/retry_tests', () => {
        return { json: { retry_test: [...tests.values()].map(show) } }
      }),
      route('retryTests.get', 'GET', '/retry_test/{id}', ({ params }) => ({ json: show(find(params.id)) })),
      route('retryTests.delete', 'DELETE', '/retry_test/{id}', ({ params }) => {
        tests.delete(find(params.id).id)
        return { json: {} }
      }),
    ],
  }
}

function show(test: RetryTest): object {
  return { ...test, completed: Object.values(test.instructions).every((left) => left.length === 0) }
}

function unknown(what: string): GoogleError {
  return new GoogleError(400, 'invalid', `The ${what} is not supported.`)
}

/** What an instruction does to a call; undefined while it waits for another one. */
type Effect = (call: Call) => FaultKind | undefined

const grammar: readonly (readonly [RegExp, (...parts: number[]) => Effect])[] = [
  [/^return-(\d{3})$/, (status) => () => ({ kind: 'status', status: status as number })],
  [/^return-reset-connection$/, () => () => ({ kind: 'reset-before' })],
  // After four bytes, as the testbench does it.
  [
    /^return-broken-stream$/,
    () => (call) => (isDownload(call) ? { kind: 'truncate', atBytes: 4 } : undefined),
  ],
  [
    /^return-broken-stream-after-(\d+)K$/,
    (kib) => (call) => onDownload(call, kib, (atBytes) => ({ kind: 'truncate', atBytes })),
  ],
  [
    /^return-broken-stream-final-chunk-after-(\d+)B$/,
    (toBytes) => (call) => (endsUpload(call) ? { kind: 'shorten', toBytes: toBytes as number } : undefined),
  ],
  [
    /^return-(\d{3})-after-(\d+)K$/,
    (status, kib) => (call) =>
      onUpload(call, kib, (atBytes) => ({ kind: 'status-at', status: status as number, atBytes })),
  ],
  [
    /^stall-for-(\d+)s-after-(\d+)K$/,
    (seconds, kib) => (call) => {
      const ms = (seconds as number) * 1000
      return (
        onDownload(call, kib, (atBytes) => ({ kind: 'stall', atBytes, ms })) ??
        onUpload(call, kib, (atBytes) => ({ kind: 'stall-request', atBytes, ms }))
      )
    },
  ],
  // The older words, which the testbench takes in a header of their own.
  [
    /^stall-at-(\d+)KiB$/,
    (kib) => (call) => onDownload(call, kib, (atBytes) => ({ kind: 'stall', atBytes })),
  ],
  [/^stall-always$/, () => () => ({ kind: 'hang' })],
  [/^return-corrupted-data$/, () => (call) => (isDownload(call) ? { kind: 'corrupt' } : undefined)],
]

function readInstruction(instruction: string): Effect | undefined {
  for (const [pattern, make] of grammar) {
    const match = pattern.exec(instruction)
    if (match) return make(...match.slice(1).map(Number))
  }
  return undefined
}

function isDownload({ method, query }: Call): boolean {
  return method === 'GET' && query.get('alt') === 'media'
}

/** Counts from the first byte of the object, whatever range is asked for. */
function onDownload(call: Call, kib = 0, fault: (atBytes: number) => FaultKind): FaultKind | undefined {
  if (!isDownload(call)) return undefined
  const start = Number(/^bytes=(\d+)-/.exec(call.headers.range ?? '')?.[1] ?? 0)
  return start < kib * 1024 ? fault(kib * 1024 - start) : undefined
}

/** The bytes of a resumable upload that a request carries. */
function readUploadRange({
  method,
  headers,
}: Call): { start: number; end: number; last: boolean } | undefined {
  const [, start, end, total] = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(headers['content-range'] ?? '') ?? []
  if (method !== 'PUT' || start === undefined) return undefined
  return { start: Number(start), end: Number(end) + 1, last: Number(end) + 1 === Number(total) }
}

/** Counts from the first byte of the object: the request that has the byte is the one that fails. */
function onUpload(call: Call, kib = 0, fault: (atBytes: number) => FaultKind): FaultKind | undefined {
  const range = readUploadRange(call)
  const atBytes = kib * 1024
  return range && range.start < atBytes && atBytes <= range.end ? fault(atBytes - range.start) : undefined
}

function endsUpload(call: Call): boolean {
  return readUploadRange(call)?.last === true
}
