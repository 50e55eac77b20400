import { InputError, type Problem } from '../../core/errors.ts'
import { suggestNearest } from '../../core/nearest.ts'
import { type CiSystem, ciSystems, exampleNames, type Names } from './ci.ts'
import { askQuestions, canAsk, type Question } from './questions.ts'
import type { Repository } from './repository.ts'

/** What was given by flags and variables; the rest is asked, or is what is usual. */
export interface Given {
  readonly project: string | undefined
  readonly bucket: string | undefined
  readonly name: string | undefined
  readonly family: string | undefined
  readonly zones: readonly string[]
  readonly ci: readonly string[]
}

export interface Wishes extends Omit<Names, 'release' | 'owner' | 'identityProvider'> {
  readonly ci: readonly CiSystem[]
}

type Asked = keyof Given

const patterns: Readonly<Record<Exclude<Asked, 'ci'>, readonly [RegExp, string]>> = {
  project: [/^[a-z][a-z0-9:.-]{4,61}[a-z0-9]$/, 'a project id, such as acme-ml'],
  bucket: [/^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$/, 'the name of a bucket, such as acme-mayfly'],
  name: [/^[a-z][a-z0-9-]{0,39}$/, 'up to 40 of a-z, 0-9 and "-", beginning with a letter'],
  family: [/^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/, 'an image family, such as ml-batch'],
  zones: [/^[a-z]+-[a-z]+\d+-[a-z0-9]+$/, 'a zone, such as us-central1-a'],
}

/** Everything that has to be known. Throws an InputError with all that is wrong with what was given. */
export async function chooseWishes(
  given: Given,
  repository: Repository,
  { spell, signal, quiet }: { spell: (field: string) => string; signal: AbortSignal; quiet: boolean },
): Promise<Wishes> {
  const texts = Object.fromEntries(
    Object.entries(given).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
  ) as Readonly<Record<Asked, string | undefined>>
  const problems = (Object.keys(given) as Asked[]).flatMap((name): Problem[] => {
    const text = texts[name]
    const message = text ? findFault(name, text) : undefined
    return message === undefined ? [] : [{ where: spell(name), message }]
  })
  if (problems.length > 0) throw new InputError(problems)

  const usual = listUsual(texts, repository)
  const open = (Object.keys(questions) as Asked[]).filter((name) => !texts[name])
  const answers =
    quiet || !canAsk()
      ? usual
      : await askQuestions(
          Object.fromEntries(open.map((name) => [name, write(name, texts, repository)])) as Record<
            Asked,
            Question
          >,
          signal,
        )
  const chosen = (name: Asked) => texts[name] || answers[name] || usual[name]
  const [project, bucket, name, family] = (['project', 'bucket', 'name', 'family'] as const).map(chosen)
  return {
    project: project ?? '',
    bucket: bucket ?? '',
    name: name ?? '',
    family: family ?? '',
    zones: split(chosen('zones')),
    ci: split(chosen('ci')).filter((word) => word !== 'none') as CiSystem[],
  }
}

const questions: Readonly<Record<Asked, string>> = {
  project: 'Google Cloud project',
  bucket: 'Bucket for releases, runs and results',
  name: 'Name of the batch',
  family: 'Image family of its machines',
  zones: 'Zones, in the order of trying',
  ci: `CI systems (${ciSystems.join(', ')}, none)`,
}

function listUsual(
  texts: Readonly<Record<Asked, string | undefined>>,
  { name, ci }: Repository,
): Record<Asked, string> {
  return {
    project: exampleNames.project,
    bucket: texts.project ? `${texts.project}-mayfly` : exampleNames.bucket,
    name,
    family: exampleNames.family,
    zones: 'us-central1-a, us-central1-b',
    ci: ci.join(', '),
  }
}

function write(
  name: Asked,
  texts: Readonly<Record<Asked, string | undefined>>,
  repository: Repository,
): Question {
  return {
    text: questions[name],
    usual: (answers) => listUsual({ ...texts, ...answers }, repository)[name],
    findFault: (answer) => findFault(name, answer),
  }
}

function findFault(name: Asked, text: string): string | undefined {
  if (name === 'ci') {
    const words = [...ciSystems, 'none']
    const stray = split(text).find((word) => !words.includes(word))
    if (stray === undefined) return undefined
    return `expected some of ${words.join(', ')}, got "${stray}".${suggestNearest(stray, words)}`
  }
  const [pattern, expected] = patterns[name]
  const parts = name === 'zones' ? split(text) : [text]
  const stray = parts.find((part) => !pattern.test(part))
  return stray === undefined ? undefined : `expected ${expected}, got "${stray}".`
}

function split(text: string): readonly string[] {
  return text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '')
}
