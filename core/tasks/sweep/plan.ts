import { runPath } from '../../depot.ts'
import { imageLabels, isBuilderDisk } from '../../images.ts'
import { nameInstance } from '../../names.ts'
import type { Destination } from '../../notify/destination.ts'
import type { Disk, ImageRecord, Instance } from '../../world.ts'

/** All that was seen before the plan was made. */
export interface Sight {
  readonly instances: readonly Instance[]
  readonly disks: readonly Disk[]
  readonly images: readonly ImageRecord[]
  /** By the id of an image, the disks that were made from it. */
  readonly disksOfImages: ReadonlyMap<string, readonly Place[]>
  readonly unseenZones: readonly string[]
  /** Milliseconds since the epoch, on Google's clock. */
  readonly time: number
}

export interface Ask {
  readonly project: string
  readonly bucket: string
  readonly imageAgeSeconds: number
}

type Place = Pick<Disk, 'zone' | 'name'>

/** Something that is Mayfly's. */
interface Possession {
  readonly kind: 'machine' | 'disk' | 'image'
  readonly name: string
  /** Absent for an image. */
  readonly zone?: string
}

/** What is to be removed. */
export interface Leftover extends Possession {
  readonly id: string
  /** How long it has been there for nothing. */
  readonly overdueSeconds: number
  /** The attempt of a run that a machine's labels name. */
  readonly attempt?: { readonly run: string; readonly number: number }
  /** The job of Google Cloud Batch that a machine is of, which would make another one in its place. */
  readonly job?: string
}

/** What stays, and why. */
export interface Stay extends Possession {
  readonly why: string
  /** It has no end that could be read, so that a person has to look at it. */
  readonly unjudged: boolean
}

export interface SweepPlan {
  /** Who hears of what was removed. */
  readonly slack?: Destination
  readonly project: string
  readonly bucket: string
  /** Google's time at which this was so, ISO 8601. */
  readonly time: string
  /** In this order: a machine gives its disk free. */
  readonly remove: readonly Leftover[]
  readonly stay: readonly Stay[]
  readonly unseenZones: readonly string[]
}

/** For a machine that ends by itself at its deadline, and for whoever is seeing it gone. */
const graceSeconds = 5 * 60

/** While an image is made of it, a builder's disk is no machine's. */
const builderDiskQuietSeconds = 60 * 60

/** The same for one that has no deadline and only a name. */
const unlabelledDiskQuietSeconds = 24 * 60 * 60

/** What of Mayfly's has outlived its end. A pure function; nothing that does not bear Mayfly's mark is in it. */
export function planSweep({ project, bucket, imageAgeSeconds }: Ask, sight: Sight): SweepPlan {
  const others = [
    ...sight.instances.flatMap((instance) => judgeInstance(instance, sight)),
    ...sight.disks.flatMap((disk) => judgeDisk(disk, sight)),
  ]
  // A boot disk has its machine's name, and goes with it.
  const leaving = new Set(others.filter(isLeaving).map(({ zone, name }) => `${zone}/${name}`))
  const stays = ({ zone, name }: Place) => !leaving.has(`${zone}/${name}`)
  const isUsed = ({ id }: ImageRecord) => sight.disksOfImages.get(id)?.some(stays) === true
  const images = sight.images.flatMap((image) => judgeImage(image, sight, { imageAgeSeconds, isUsed }))
  const judged = [...others, ...images]
  return {
    project,
    bucket,
    time: new Date(sight.time).toISOString(),
    remove: judged.filter(isLeaving),
    stay: judged.filter((each) => 'why' in each),
    unseenZones: sight.unseenZones,
  }
}

function isLeaving(each: Leftover | Stay): each is Leftover {
  return 'overdueSeconds' in each
}

function judgeInstance(instance: Instance, { time }: Sight): readonly (Leftover | Stay)[] {
  const { name, zone, id, labels } = instance
  if (labels.tool !== 'mayfly') return []
  const judgement = judgeDeadline({ kind: 'machine', name, zone }, labels, time)
  if ('why' in judgement) return [judgement]
  const attempt = readAttempt(labels)
  const job = attempt && readJob(labels, attempt.number)
  return [{ ...judgement, id, ...(attempt && { attempt }), ...(job !== undefined && { job }) }]
}

function judgeDisk(disk: Disk, { time }: Sight): readonly (Leftover | Stay)[] {
  const { name, zone, id, labels, attached, touched } = disk
  // It goes with its machine.
  if (attached) return []
  const possession = { kind: 'disk', name, zone } as const
  const quietSeconds = Math.floor((time - touched) / 1000)
  if (labels.tool !== 'mayfly') {
    if (!isBuilderDisk(name)) return []
    const overdueSeconds = quietSeconds - unlabelledDiskQuietSeconds
    if (overdueSeconds > 0) return [{ ...possession, id, overdueSeconds }]
    return [stay(possession, 'it has no labels, and was in use less than a day ago')]
  }
  const judgement = judgeDeadline(possession, labels, time)
  if ('why' in judgement) return [judgement]
  if ('mayfly-build' in labels && quietSeconds < builderDiskQuietSeconds)
    return [stay(possession, 'it was in use less than an hour ago, and an image may be in the making')]
  return [{ ...judgement, id }]
}

function judgeDeadline(
  possession: Possession,
  labels: Readonly<Record<string, string>>,
  time: number,
): Omit<Leftover, 'id'> | Stay {
  const label = labels['mayfly-deadline']
  if (label === undefined || !/^\d{9,11}$/.test(label)) {
    const got = label === undefined ? 'there is none' : `it is "${label}"`
    const why = `not ours to judge: seconds since 1970 were expected in the label mayfly-deadline, and ${got}`
    return { ...possession, why, unjudged: true }
  }
  const overdueSeconds = Math.floor(time / 1000) - Number(label)
  if (overdueSeconds > graceSeconds) return { ...possession, overdueSeconds }
  return stay(possession, `its deadline is ${new Date(Number(label) * 1000).toISOString()}`)
}

function judgeImage(
  image: ImageRecord,
  { time, unseenZones }: Sight,
  {
    imageAgeSeconds: ageSeconds,
    isUsed,
  }: { imageAgeSeconds: number; isUsed: (image: ImageRecord) => boolean },
): readonly (Leftover | Stay)[] {
  const { name, id, created, labels } = image
  if (!isUnpromoted(image)) return []
  const possession = { kind: 'image', name } as const
  if (Number.isNaN(created))
    return [{ ...possession, why: 'not ours to judge: its time of creation is unreadable', unjudged: true }]
  const overdueSeconds = Math.floor((time - created) / 1000) - ageSeconds
  if (overdueSeconds <= 0) {
    const smoke = labels[imageLabels.smoke] ?? ''
    const state = smoke.startsWith('failed') ? `did not pass its smoke batch (${smoke})` : 'is in no family'
    const end = new Date(created + ageSeconds * 1000).toISOString()
    return [stay(possession, `it ${state}; deleted after ${end}`)]
  }
  if (isUsed(image)) return [stay(possession, 'it is in no family, and a disk was made from it')]
  if (unseenZones.length > 0)
    return [stay(possession, 'a zone that was not seen may have a disk that was made from it')]
  return [{ ...possession, id, overdueSeconds }]
}

/** An image that Mayfly made and that no family leads to. */
export function isUnpromoted({ labels, family, status }: ImageRecord): boolean {
  return labels.tool === 'mayfly' && family === undefined && status !== 'DELETING'
}

function stay(possession: Possession, why: string): Stay {
  return { ...possession, why, unjudged: false }
}

function readJob(labels: Readonly<Record<string, string>>, attempt: number): string | undefined {
  const { 'mayfly-engine': engine, 'mayfly-batch': batch = '', 'mayfly-run': id = '' } = labels
  return engine === 'cloud-batch' ? nameInstance(batch, id, attempt) : undefined
}

function readAttempt(labels: Readonly<Record<string, string>>): Leftover['attempt'] {
  const { 'mayfly-batch': batch, 'mayfly-run': id, 'mayfly-attempt': number = '' } = labels
  if (batch === undefined || id === undefined || !/^\d+$/.test(number)) return undefined
  return { run: runPath(batch, id), number: Number(number) }
}
