import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import { exitCodes, MayflyError } from '../../core/errors.ts'
import { flag } from '../../core/fields.ts'
import type { Host } from '../../core/host.ts'
import { type Command, defineCommand, tell } from '../command.ts'
import { localBucket } from '../local/environment.ts'
import type { Site } from '../site.ts'
import { openWitness } from './cloud.ts'
import { openStage, type Stage } from './stage.ts'

/** `mayfly demo` */
export function openDemo(site: Site): Command {
  return defineCommand({
    summary: 'Show the whole way on this computer: tag, release, batch, result, machine gone.',
    fields: { keep: flag({ description: 'Leave the folder of the demo, to look around in.' }) },
    async run({ keep }, host) {
      const began = Date.now()
      await using stage = await openStage(site, host)
      introduce(stage, keep, host)
      if (keep) stage.keep()
      const seen = await play(stage, host)
      const seconds = Math.round((Date.now() - began) / 1000)
      const { accuracy, baseline, examples } = seen
      return tell(
        [
          `✔ All as promised, in ${seconds} s`,
          `  model        ${percent(accuracy)} right on ${examples} held-out penguins (baseline ${percent(baseline)})`,
          '  run          asked for twice, run once: 1 machine created',
          '  release      a moved tag is refused with 65, and nothing is changed',
          `  left behind  ${seen.machines} machines, ${seen.disks} disks`,
          ...(keep ? [`  kept         ${stage.folder}`] : []),
        ],
        { ...seen, seconds },
      )
    },
  })
}

function introduce({ folder, program }: Stage, keep: boolean, { log }: Host): void {
  const stays = keep ? 'which stays' : 'which goes at the end; --keep leaves it'
  log.info(`Mayfly demo in ${folder}, ${stays}. mayfly is: ${program}`)
  log.info(
    'Real: the programs, git, the HTTP between them. Local: the cloud, whose machines are this computer.',
  )
  log.info(
    'Without a container engine: the steps run on the machine itself (batch.containers.yaml has R and Python).',
  )
  log.info('Without Packer: the machine image is one that the local cloud brings along.')
}

/** A part of the story, with some air before it. */
function begin({ log }: Host, title: string): void {
  log.info('')
  log.group(title)
}

const tag = 'v1.0.0'
const key = 'demo-1'
const pointer = `code/penguins/tags/${tag}.json`

interface Listed {
  readonly run: string
  readonly state: string
}

interface Shown {
  readonly machineGone?: string
  readonly outputs: readonly { readonly name: string; readonly uri: string }[]
}

interface Metrics {
  readonly accuracy: number
  readonly baselineAccuracy: number
  readonly examples: number
}

/** The story; whatever is not as it says ends it with an error. */
async function play(stage: Stage, host: Host) {
  begin(host, 'A repository with a tag')
  await stage.git('init', '-q', '-b', 'main')
  await stage.git('add', '.')
  await stage.git('commit', '-q', '-m', 'Learn from penguins')
  await stage.git('tag', '-a', tag, '-m', 'The first model')

  begin(host, 'The tag becomes a release')
  await stage.mayfly(['local', 'add-image', 'ml-batch'])
  await stage.mayfly(['local', 'upload-code', tag])
  const { url } = await stage.ask<{ url: string }>('local', 'status')
  const cloud = openWitness(url)
  const generation = await cloud.readGeneration(pointer)

  begin(host, 'The batch runs on a machine of its own')
  await stage.mayfly(['local', 'run-batch', '--key', key])
  const [run] = await stage.ask<readonly Listed[]>('local', 'runs', 'list')
  check(run?.state === 'succeeded', 'the run should be listed as succeeded')
  const shown = await stage.ask<Shown>('local', 'runs', 'show', run.run)
  check(shown.machineGone !== undefined, 'the machine should be proven gone')
  const metrics = await cloud.readJson<Metrics>(findOutput(shown, 'metrics.json'))

  begin(host, 'The same wish again finds the run')
  await stage.mayfly(['local', 'run-batch', '--key', key])
  const runs = await stage.ask<readonly Listed[]>('local', 'runs', 'list')
  check(runs.length === 1, `there should be one run, and there are ${runs.length}`)
  const inserts = await cloud.countInserts()
  check(inserts === 1, `one machine should have been created, and ${inserts} were`)
  host.log.info(`Machines created so far: ${inserts}.`)

  begin(host, 'A moved tag is not replaced')
  await appendFile(join(stage.folder, 'train.mjs'), '// Something else.\n')
  await stage.git('commit', '-q', '-a', '-m', 'Change the training')
  await stage.git('tag', '-f', '-a', tag, '-m', 'The same name, other code')
  await stage.mayfly(['local', 'upload-code', tag], exitCodes.conflict)
  check(
    (await cloud.readGeneration(pointer)) === generation,
    'the release should not have been written again',
  )
  host.log.info(`Exit code ${exitCodes.conflict}; the release in the bucket is as it was.`)

  begin(host, 'Nothing is left')
  await stage.mayfly(['local', 'runs', 'list'])
  const left = await cloud.countLeft()
  check(
    left.machines === 0 && left.disks === 0,
    `there are ${left.machines} machines and ${left.disks} disks left`,
  )
  const { accuracy, baselineAccuracy: baseline, examples } = metrics
  return { run: run.run, accuracy, baseline, examples, inserts, ...left }
}

/** The object of an output that is one file. */
function findOutput({ outputs }: Shown, wanted: string): string {
  const uri = outputs.find(({ name }) => name === wanted)?.uri
  check(uri !== undefined, `the run should have the output ${wanted}`)
  return uri.slice(`gs://${localBucket}/`.length)
}

function check(holds: boolean, promise: string): asserts holds {
  if (!holds)
    throw new MayflyError(`The demo saw something else than it should: ${promise}.`, exitCodes.unknown)
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}
