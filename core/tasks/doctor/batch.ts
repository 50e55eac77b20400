import { chooseMachineType } from '../../batch/sizing.ts'
import { InputError } from '../../errors.ts'
import { regionOf } from '../../names.ts'
import { readRelease } from '../../releases.ts'
import type { MachineType } from '../../world.ts'
import { nameCode } from '../run-batch/facts.ts'
import { type Check, look } from './check.ts'
import type { Visit } from './visit.ts'

/** The image that the batch names, or that was given. */
export function checkImage({ ask, file, compute }: Visit): Promise<readonly Check[]> {
  const image = ask.image ?? file?.batch.machine.image
  return look('image', async () => {
    if (image === undefined) return []
    const { name, family } = await compute.image(image)
    return { status: 'ok', says: family === undefined ? name : `${name}, the newest of ${family}` }
  })
}

/** Zones, and whether each has the machine that the batch wants. */
export async function checkZones(visit: Visit): Promise<readonly Check[]> {
  return (await Promise.all(visit.zones.map((zone) => checkZone(zone, visit)))).flat()
}

function checkZone(zone: string, visit: Visit): Promise<readonly Check[]> {
  return look(zone, async () => {
    const types = await visit.types(zone)
    const type = chooseType(types, visit)
    if (type !== undefined) return { status: 'ok', says: `has ${type.name}` }
    if (visit.file === undefined) return { status: 'ok', says: `has ${types.length} machine types` }
    const { types: names, cpus, memoryMb } = visit.file.batch.machine
    const wish =
      names?.join(' or ') ??
      [cpus && `${cpus} CPUs`, memoryMb && `${memoryMb} MB`].filter(Boolean).join(' and ')
    const where = visit.file.locate(['machine'])
    return { status: 'missing', says: `has no machine type ${wish} (${where})` }
  })
}

/** The machine type of the batch in a zone; undefined when there is none. */
export function chooseType(types: readonly MachineType[], { file }: Visit): MachineType | undefined {
  if (file === undefined) return undefined
  const { types: names, ...size } = file.batch.machine
  if (names !== undefined) return types.find(({ name }) => names.includes(name))
  try {
    return chooseMachineType(size, types)
  } catch (error) {
    if (error instanceof InputError) return undefined
    throw error
  }
}

/** The regions of the zones, each with its first zone. */
export function listRegions({ zones }: Visit): readonly (readonly [region: string, zone: string])[] {
  return [...new Map(zones.toReversed().map((zone) => [regionOf(zone), zone]))].toReversed()
}

/** The release that the batch runs, where it names one or a tag is at hand. */
export function checkRelease({ ask, file, session }: Visit): Promise<readonly Check[]> {
  return look('release', async () => {
    const code = file?.batch.code
    if (file === undefined || code === 'none') return []
    try {
      const { name, tag } = await nameCode(code, session)
      const release = await readRelease(await session.world.objects(ask.bucket), name, tag)
      if (release !== undefined) return { status: 'ok', says: `${name}@${tag} of ${release.uploadedAt}` }
      return {
        status: 'missing',
        says: `gs://${ask.bucket} has no ${name}@${tag}: upload-code makes it of the tag`,
      }
    } catch (error) {
      // Which code to run can still be said to run-batch.
      if (error instanceof InputError) return { status: 'warning', says: explainNoCode(error, session) }
      throw error
    }
  })
}

function explainNoCode({ problems }: InputError, { spell }: Visit['session']): string {
  return `${spell('code')} of run-batch: ${problems[0]?.message.split('. ')[0]}.`
}
