import { relative } from 'node:path'
import { cloudFields, dryRunField, flag, list, text } from '../../core/fields.ts'
import type { Report } from '../../core/host.ts'
import { type Command, defineCommand, tell } from '../command.ts'
import { type CiSystem, ciSystems, exampleNames, type Names } from './ci.ts'
import { type Fate, ignoreState, listFiles, type WantedFile, writeNew } from './files.ts'
import { inspectRepository } from './repository.ts'
import { chooseWishes } from './wishes.ts'

const { required: _, ...project } = cloudFields.project
const { required: __, ...bucket } = cloudFields.bucket

const fields = {
  project: text(project),
  bucket: text(bucket),
  name: text({
    description: "Name of the batch. Without it, the repository's.",
    example: 'recommender',
  }),
  family: text({ description: 'Image family of its machines.', example: exampleNames.family }),
  zones: list({
    description: 'Zones, in the order of trying.',
    example: 'us-central1-a',
    env: ['CLOUDSDK_COMPUTE_ZONE'],
  }),
  ci: list({
    description: `CI systems to write pipelines for: ${ciSystems.map((name) => `\`${name}\``).join(', ')} or \`none\`. Without it, those that the repository seems to use.`,
    example: 'github',
  }),
  identity_provider: text({
    description: 'The workload identity provider through which GitHub signs in to Google Cloud.',
    example: exampleNames.identityProvider,
    default: exampleNames.identityProvider,
  }),
  owner: text({
    description: "Owner of the repository that has Mayfly's actions and images.",
    default: exampleNames.owner,
  }),
  yes: flag({ description: 'Ask nothing, and take what is usual for what is not given.' }),
  ...dryRunField,
} as const

/** `mayfly init` */
export function openInit(): Command {
  return defineCommand({
    summary: 'Write batch file, playbook and pipelines for this repository. No file is ever overwritten.',
    fields,
    async run({ owner, identityProvider, yes, dryRun, ...given }, { log, signal, spell }) {
      const repository = await inspectRepository(process.cwd())
      const wishes = await chooseWishes(given, repository, { spell, signal, quiet: yes })
      if (given.ci.length === 0)
        log.info(`Pipelines for ${wishes.ci.join(' and ') || 'no CI system'}: ${repository.because}.`)
      const names: Names = { ...wishes, release: repository.release, owner, identityProvider }
      const { top, program } = repository
      const files = listFiles(names, wishes.ci, program).map((file) => ({
        ...file,
        fate: writeNew(top, file, dryRun),
      }))
      return report({ top, files, ignore: ignoreState(top, dryRun), names, ci: wishes.ci, dryRun })
    },
  })
}

interface Result {
  readonly top: string
  readonly files: readonly (WantedFile & { readonly fate: Fate })[]
  readonly ignore: Fate
  readonly names: Names
  readonly ci: readonly CiSystem[]
  readonly dryRun: boolean
}

function report({ top, files, ignore, names, ci, dryRun }: Result): Report {
  const place = (path: string) => relative(process.cwd(), `${top}/${path}`)
  const differing = files.filter(({ fate }) => fate === 'differs')
  const all = [...files.map(({ path, fate }) => ({ path, fate })), { path: '.gitignore', fate: ignore }]
  const written = all.filter(({ fate }) => fate === 'written').length
  const verb = dryRun ? 'would be written' : 'written'
  const words = { written: verb, unchanged: 'is so already', differs: 'is there already, and stays as it is' }
  const left = listExamples(names, ci)
  return tell(
    [
      `${written} files ${verb}`,
      ...all.map(({ path, fate }) => `  ${place(path)}  ${words[fate]}`),
      ...differing.flatMap((file) => ['', `${place(file.path)} would have been:`, ...indent(file.text)]),
      ...(left.length === 0 ? [] : ['', `Replace before the first run: ${left.join(', ')}`]),
      '',
      'Next, without a cloud and in it:',
      `  git add --all && git commit -m 'Run batches with Mayfly' && git tag v0.1.0`,
      `  mayfly local add-image ${names.family} && mayfly local upload-code && mayfly local run-batch`,
      `  mayfly doctor ${place('batch.yaml')}`,
    ],
    { files: files.map(({ path, fate, text }) => ({ path, fate, text })), gitignore: ignore, replace: left },
  )
}

/** Names that are still those of the examples. */
function listExamples(names: Names, ci: readonly CiSystem[]): readonly string[] {
  if (ci.length === 0) return []
  const { project, bucket, owner, identityProvider } = exampleNames
  const left = Object.entries({ project, bucket, owner })
    .filter(([name, example]) => names[name as 'project'] === example)
    .map(([name, example]) => `${example} (${name})`)
  const signsIn = ci.includes('github') && names.identityProvider === identityProvider
  return [...left, ...(signsIn ? ['workload_identity_provider and service_account'] : [])]
}

function indent(text: string): readonly string[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => (line === '' ? '' : `  ${line}`))
}
