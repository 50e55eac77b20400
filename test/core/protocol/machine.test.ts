import { expect, test } from 'vitest'
import { CloudError, type CloudErrorOptions } from '../../../core/errors.ts'
import { openAttempt } from '../../../core/protocol/attempts.ts'
import { createMachine, type Machine } from '../../../core/protocol/machine.ts'
import type { RunRecord } from '../../../core/protocol/records.ts'
import { roundAt, startOfRound } from '../../../core/protocol/rounds.ts'
import type { InstanceSpec } from '../../../core/world.ts'
import { makeRun, openRecordingLog, openVirtualCompute, openVirtualObjects, VirtualClock } from './virtual.ts'

const path = 'runs/train/0123456789abcdef'

const machine = {
  type: 'n2',
  zones: ['a', 'b', 'c'],
  spot: true,
  externalIp: true,
  patienceSeconds: 60,
  otherwise: [
    { type: 'e2', zones: ['a'], spot: true },
    { type: 'n2', zones: ['a', 'b', 'c'], spot: false },
  ],
}

/** Asks for a machine in a world that refuses as it is told; gives what was asked, with the seconds it was asked at. */
async function ask(
  refuse: (
    spec: InstanceSpec,
    seconds: number,
    compute: ReturnType<typeof openVirtualCompute>,
  ) => Error | undefined,
  wish: Partial<RunRecord['machine']> = {},
  options: { readonly isOver?: () => boolean; readonly lateSeconds?: number } = {},
) {
  const clock = new VirtualClock()
  const compute = openVirtualCompute()
  const run = makeRun({ machine: { ...machine, ...wish } })
  const fresh = await openAttempt(openVirtualObjects(clock), path, run, 1, 1, clock.now())
  const began = clock.now()
  clock.time += (options.lateSeconds ?? 0) * 1000
  const attempt = options.lateSeconds === undefined ? fresh : { ...fresh, fresh: false }
  const asked: string[] = []
  const ids: string[] = []
  compute.refuse = (zone, spec) => {
    const seconds = (clock.now() - began) / 1000
    asked.push(`${seconds} ${spec.spot ? 'spot ' : ''}${spec.machineType} ${zone}`)
    ids.push(spec.requestId)
    return refuse(spec, seconds, compute)
  }
  const { signal } = new AbortController()
  const foundry = { compute, clock, signal, log: openRecordingLog(), bucket: 'depot', bootstrap: '' }
  const isOver = async () => options.isOver?.() ?? false
  const ending: Machine | undefined | Error = await createMachine(foundry, run, path, attempt, isOver).catch(
    (error: Error) => error,
  )
  return { asked, ids, ending, compute, run, log: foundry.log }
}

const refusal = (failure: CloudError['failure'], options: CloudErrorOptions = {}) =>
  new CloudError(failure, 'compute.instances.insert', 'no', options)
const stockout = (zonesAvailable: readonly string[] = []) => refusal('stockout', { zonesAvailable })

test.each([
  {
    what: 'room at once',
    refuse: () => undefined,
    asked: ['0 spot n2 a'],
  },
  {
    what: 'the zones in order, then other types, then a standard machine',
    refuse: ({ spot, zone }: InstanceSpec) => (spot || zone !== 'b' ? stockout() : undefined),
    asked: ['0 spot n2 a', '0 spot n2 b', '0 spot n2 c', '0 spot e2 a', '0 n2 a', '0 n2 b'],
  },
  {
    what: 'a zone that Google names comes next, if it is one of ours',
    refuse: ({ zone }: InstanceSpec) => (zone === 'c' ? undefined : stockout(['z', 'c'])),
    asked: ['0 spot n2 a', '0 spot n2 c'],
  },
  {
    what: 'Google names only zones that are not ours',
    refuse: ({ zone }: InstanceSpec) => (zone === 'b' ? undefined : stockout(['z'])),
    asked: ['0 spot n2 a', '0 spot n2 b'],
  },
  {
    what: 'room after a while',
    refuse: (_: InstanceSpec, seconds: number) => (seconds < 15 ? stockout() : undefined),
    wish: { zones: ['a'], otherwise: [] },
    asked: ['0 spot n2 a', '5 spot n2 a', '15 spot n2 a'],
  },
])('$what', async ({ refuse, wish, asked }) => {
  const search = await ask(refuse, wish)
  expect(search.asked).toEqual(asked)
  expect(new Set(search.ids).size).toBe(asked.length)
  expect(search.compute.inserted).toHaveLength(1)
  expect(search.ending).toMatchObject({ zone: asked.at(-1)?.at(-1) })
})

test('when patience is over, what was tried is told', async () => {
  const { asked, ending } = await ask(() => stockout(), { zones: ['a', 'b'], otherwise: [] })
  expect(asked.map((each) => Number(each.split(' ')[0]))).toEqual([0, 0, 5, 5, 15, 15, 35, 35])
  expect(ending).toMatchObject({
    failure: 'stockout',
    exitCode: 69,
    message: expect.stringContaining('no room for 1 m: spot n2 sold out in a, b. '),
  })
})

test('no patience asks once', async () => {
  const { asked } = await ask(() => stockout(), { patienceSeconds: 0 })
  expect(asked).toHaveLength(7)
})

test.each(['quota', 'permission', 'invalid', 'not-found'] as const)(
  'a refusal for %s ends it at once',
  async (failure) => {
    const { asked, ending } = await ask(() => refusal(failure))
    expect(asked).toHaveLength(1)
    expect(ending).toMatchObject({ failure })
  },
)

test('no other zone while it is not known whether the machine exists; the same request is asked for again', async () => {
  const { asked, ids, ending } = await ask(() => refusal('unknown'))
  expect(asked).toEqual(['0 spot n2 a', '5 spot n2 a', '10 spot n2 a'])
  expect(new Set(ids).size).toBe(1)
  expect(ending).toMatchObject({ failure: 'unknown' })
})

test('the machine carries how it was had', async () => {
  const { compute, ending } = await ask(({ spot }) => (spot ? stockout() : undefined), { zones: ['a'] })
  const placement = {
    type: 'n2',
    spot: false,
    soldOut: [
      { type: 'n2', zone: 'a', spot: true },
      { type: 'e2', zone: 'a', spot: true },
    ],
  }
  expect(JSON.parse(compute.inserted[0]?.metadata['mayfly-placement'] ?? '')).toEqual(placement)
  expect(ending).toMatchObject({ placement })
})

test('whoever comes later asks what the first asker would ask by then, under the same ids', async () => {
  const first = await ask((_, seconds) => (seconds < 35 ? stockout() : undefined), { otherwise: [] })
  const second = await ask(() => undefined, { otherwise: [] }, { lateSeconds: 16 })
  expect(second.asked).toEqual(['16 spot n2 a'])
  expect(second.ids[0]).toBe(first.ids[first.asked.indexOf('15 spot n2 a')])
})

test('an attempt that someone has ended meanwhile gets no machine', async () => {
  const { asked, ending } = await ask(() => stockout(), { otherwise: [] }, { isOver: () => true })
  expect(asked).toHaveLength(3)
  expect(ending).toBeUndefined()
})

test('a machine that another asker got meanwhile is taken, in whatever zone', async () => {
  const labels = {
    tool: 'mayfly',
    'mayfly-run': '0123456789abcdef',
    'mayfly-type': 'e2',
    'mayfly-spot': 'true',
  }
  const { asked, ending } = await ask(
    ({ name, zone }, _, compute) => {
      if (zone === 'c') compute.instances.set(name, { name, zone: 'a', id: '9', status: 'RUNNING', labels })
      return stockout()
    },
    { zones: ['a'], otherwise: [{ type: 'e2', zones: ['b', 'c'], spot: true }] },
  )
  expect(asked).toEqual(['0 spot n2 a', '0 spot e2 b', '0 spot e2 c'])
  expect(ending).toMatchObject({ zone: 'a', placement: { type: 'e2', spot: true } })
})

test('rounds come less and less often', () => {
  expect([1, 2, 3, 4, 5, 6, 7].map((round) => startOfRound(round) / 1000)).toEqual([
    0, 5, 15, 35, 75, 135, 195,
  ])
  expect([0, 4, 5, 134, 135, 194].map((seconds) => roundAt(seconds * 1000))).toEqual([1, 1, 2, 5, 6, 6])
})
