import type { Batch } from '../../batch/batch.ts'
import { type Choice, chooseTypes, needsOffers } from '../../batch/choices.ts'
import { fillBatch } from '../../batch/fill.ts'
import { resolveParams } from '../../batch/params.ts'
import { type BatchFile, readBatch } from '../../batch/read.ts'
import { runPath } from '../../depot.ts'
import { CloudError, InputError } from '../../errors.ts'
import { type Resolution, resolveInputs } from '../../inputs/resolve.ts'
import { deriveRunId } from '../../names.ts'
import { readRun } from '../../protocol/claim.ts'
import type { RunRecord } from '../../protocol/records.ts'
import { readRelease } from '../../releases.ts'
import { nameRelease, resolveTag } from '../../tags.ts'
import type { Session } from '../../task.ts'
import { fillTemplate } from '../../template.ts'
import type { Compute, Image, Objects } from '../../world.ts'
import {
  deriveJobKey,
  deriveWishBase,
  deriveWishKey,
  type Facts,
  type Key,
  listValues,
  nameParams,
} from './plan.ts'
import { digestRows, findRows } from './rows.ts'

/** The inputs that decide what is run. */
export interface Wishes {
  readonly batch: string
  /** In place of the image that the batch file names. */
  readonly image?: string
  readonly params: Readonly<Record<string, string>>
  readonly code: string | undefined
  readonly key: string | undefined
  readonly project: string
  readonly bucket: string
}

/** Reads everything that a plan needs, and changes nothing. */
export async function gatherFacts(
  inputs: Wishes,
  session: Session,
): Promise<Facts & { readonly inputs: Resolution }> {
  const { world, context, spell } = session
  const file = await readBatchFile(inputs.batch, session)
  const { batch, locate } = file
  const params = resolveParams(batch.params, inputs.params, { now: world.clock.now(), spell })
  const objects = await world.objects(inputs.bucket)
  const [release, rows, agent, compute] = await Promise.all([
    findRelease(inputs, batch, objects, session),
    findRows(file, session),
    world.agent(),
    world.compute(inputs.project),
  ])
  const [image, choices, key] = await Promise.all([
    findImage(compute, inputs.image ?? batch.machine.image, locate(['machine', 'image'])),
    findChoices(compute, batch, locate),
    chooseKey(inputs, batch, params, [release?.digest, rows && digestRows(rows)], objects, session),
  ])
  const known = { file, params, release, image, choices, rows, agent: agent.digest, context, key }
  return { ...known, inputs: await findInputs(known, objects, session) }
}

/** What the inputs stand for; what they stood for when the run was asked for first, if it was. */
async function findInputs(
  facts: Omit<Facts, 'inputs'>,
  depot: Objects,
  { world }: Session,
): Promise<Resolution> {
  const { batch, locate } = facts.file
  if (batch.inputs.length === 0) return { inputs: [] }
  const { inputs } = fillBatch(facts.file, listValues(facts))
  const written = inputs.map((input, index) => ({ ...input, where: locate(['inputs', index, 'from']) }))
  const run = runPath(batch.name, facts.key.id)
  const first = await readRun(depot, run)
  if (first !== undefined) {
    const same = written.every(
      ({ from, to }, n) => from === first.inputs?.[n]?.from && to === first.inputs[n].to,
    )
    // Other inputs are a conflict, which the claim finds and explains.
    return same ? { inputs: first.inputs ?? [], ...pickFiles(first) } : { inputs: written }
  }
  return resolveInputs(written, { run, depot, open: (bucket) => world.objects(bucket) })
}

function pickFiles({ inputFiles }: RunRecord): Pick<Resolution, 'inputFiles'> {
  return inputFiles === undefined ? {} : { inputFiles }
}

/** Reads a batch file of the working directory. Throws an InputError. */
export async function readBatchFile(path: string, { world, spell }: Session): Promise<BatchFile> {
  const source = await world.files.read(path)
  if (source !== undefined) return readBatch(source, path)
  const message = `there is no file ${path} in the working directory.`
  throw new InputError([{ where: spell('batch'), message }])
}

async function findRelease(
  inputs: Wishes,
  batch: Batch,
  objects: Objects,
  session: Session,
): Promise<Facts['release']> {
  const asked = inputs.code ?? batch.code
  if (asked === 'none') return undefined
  const { name, tag } = await nameCode(asked, session)
  const release = await readRelease(objects, name, tag)
  if (release !== undefined) return release
  const message = `there is no release ${name}@${tag} in gs://${objects.bucket}. Upload it first (upload-code with tag ${tag}), or name another one.`
  throw new InputError([{ where: session.spell('code'), message }])
}

/** The release that is meant; without one, this repository's at the tag at hand. Throws an InputError. */
export async function nameCode(
  asked: string | undefined,
  session: Session,
): Promise<{ readonly name: string; readonly tag: string }> {
  if (asked !== undefined) return splitCode(asked, session)
  const tag = await resolveTag(session, undefined, 'code')
  return { name: await nameRelease(session, undefined, 'code'), tag: tag.name }
}

function splitCode(code: string, { spell }: Session): { name: string; tag: string } {
  const at = code.indexOf('@')
  if (at > 0 && at < code.length - 1) return { name: code.slice(0, at), tag: code.slice(at + 1) }
  throw new InputError([
    {
      where: spell('code'),
      message: `expected name@tag, such as recommender@v1.4.0, or none; got "${code}".`,
    },
  ])
}

/** What the cloud does not have is wrong in the batch file, and is said to be so there. */
async function findImage(compute: Compute, image: string, where: string): Promise<Image> {
  try {
    return await compute.image(image)
  } catch (error) {
    if (!(error instanceof CloudError) || error.failure !== 'not-found') throw error
    throw new InputError([{ where, message: error.message }], { cause: error })
  }
}

async function findChoices(
  compute: Compute,
  { machine }: Batch,
  locate: BatchFile['locate'],
): Promise<readonly Choice[]> {
  const where = locate(machine.types === undefined ? ['machine'] : ['machine', 'type'])
  if (!needsOffers(machine)) return chooseTypes(machine, [], where)
  const offers = machine.zones.map(async (zone) => ({ zone, types: await compute.machineTypes(zone) }))
  return chooseTypes(machine, await Promise.all(offers), where)
}

async function chooseKey(
  inputs: Wishes,
  batch: Batch,
  params: Readonly<Record<string, string>>,
  digests: readonly (string | undefined)[],
  objects: Objects,
  { context }: Session,
): Promise<Key> {
  const asked = inputs.key ?? batch.key
  if (asked !== undefined) {
    const key = fillTemplate(asked, { ...nameParams(params), 'run.batch': batch.name })
    return { key, id: deriveRunId(key) }
  }
  if (context.job !== undefined) return deriveJobKey(context.job, batch.name, params)
  return findWishKey(
    deriveWishBase([context.by, batch, params, ...digests.filter((digest) => digest !== undefined)]),
    batch.name,
    objects,
  )
}

/** The number of the wish that is not finished yet, or the next one. */
async function findWishKey(base: string, batch: string, objects: Objects): Promise<Key> {
  const prefix = `runs/${batch}/${base}-`
  const attempts = new Set<string>()
  const results = new Set<string>()
  let last = 0
  for await (const { name } of objects.list(prefix, {
    glob: `${prefix}*/{run.json,a*/attempt.json,a*/result.json}`,
  })) {
    const [number, ...rest] = name.slice(prefix.length).split('/')
    last = Math.max(last, Number(number))
    if (rest[1] === 'attempt.json') attempts.add(`${number}/${rest[0]}`)
    if (rest[1] === 'result.json') results.add(`${number}/${rest[0]}`)
  }
  const mine = [...attempts].filter((attempt) => attempt.startsWith(`${last}/`))
  const over = mine.length > 0 && mine.every((attempt) => results.has(attempt))
  return deriveWishKey(base, last === 0 || over ? last + 1 : last)
}
