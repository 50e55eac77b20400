import { InputError } from './errors.ts'
import { findNearest } from './nearest.ts'
import type { Session } from './task.ts'
import type { Git, Tag } from './world.ts'

// git-check-ref-format(1), and a leading dash, which git-tag(1) refuses.
const tagRules: readonly (readonly [RegExp, string])[] = [
  [/^$/, 'is empty'],
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused.
  [/[\u0000-\u001f\u007f]/, 'has a control character'],
  [/[ ~^:?*[\\]/, 'has a space or one of ~ ^ : ? * [ \\'],
  [/\.\./, 'has ".."'],
  [/@\{/, 'has "@{"'],
  [/^-/, 'begins with "-"'],
  [/^\/|\/$|\/\//, 'has a "/" without a name on both sides'],
  [/(^|\/)\./, 'has a part that begins with "."'],
  [/\.lock(\/|$)/, 'has a part that ends with ".lock"'],
  [/\.$/, 'ends with "."'],
]

/** What is wrong with the name of a tag, as the end of a sentence. */
export function findTagFault(tag: string): string | undefined {
  return tagRules.find(([pattern]) => pattern.test(tag))?.[1]
}

/**
 * The tag to work with and its commit: the given one, else the host's, else the only one on the checked-out commit.
 * `field` is the input in which the caller could name it. Throws an InputError that says how to get what is missing.
 */
export async function resolveTag(session: Session, given: string | undefined, field = 'tag'): Promise<Tag> {
  const { world, context, spell } = session
  const where = spell(field)
  const asked = given ?? context.tag ?? (await findOnlyTag(session, where))
  const name = asked.replace(/^refs\/tags\//, '')
  const fault = findTagFault(name)
  if (fault !== undefined) throw refuse(where, `git allows no tag ${JSON.stringify(name)}: it ${fault}.`)
  const tag = await world.git.tag(name)
  if (tag !== undefined) return tag
  // drone-git checks the commit of a tag out without fetching the tag (clone-tag: `git fetch origin +refs/tags/…:`).
  const commit = name === context.tag && context.commit && (await world.git.commit(context.commit))
  if (commit) return { name, commit }
  throw refuse(where, await explainMissing(world.git, name))
}

async function findOnlyTag({ world: { git }, context }: Session, where: string): Promise<string> {
  const here = await git.tagsAtHead()
  if (here.length === 1 && here[0] !== undefined) return here[0]
  if (here.length > 1) {
    const message = `not given, and the checked-out commit has several tags: ${here.join(', ')}. Name the one that is meant.`
    throw refuse(where, message)
  }
  const advice = await adviseFetch(git, await git.tags())
  const event = context.job === undefined ? '' : ` ${eventAdvice}`
  throw refuse(
    where,
    `not given, and the checked-out commit has no tag. Name one, such as v1.4.0.${event}${advice}`,
  )
}

const eventAdvice =
  'The event that this job is for brought none either: let the job run for tags, by `on: { push: { tags: ["v*"] } }` or `event: [tag]`.'

async function explainMissing(git: Git, name: string): Promise<string> {
  const tags = await git.tags()
  const nearest =
    findNearest(name, tags) ?? tags.findLast((tag) => tag.startsWith(name) || name.startsWith(tag))
  const hint = nearest === undefined ? '' : ` Did you mean "${nearest}"?`
  return `there is no tag "${name}" in this clone.${hint}${await adviseFetch(git, tags)}`
}

/** Why tags may be missing in a clone that has these, and how to have them. */
async function adviseFetch(git: Git, tags: readonly string[]): Promise<string> {
  const shallow = await git.isShallow()
  const states = [shallow && 'is shallow', tags.length === 0 && 'has no tags'].filter(
    (state) => state !== false,
  )
  const command = `git fetch --tags${shallow ? ' --unshallow' : ''}`
  if (states.length === 0) return ` If it was made after the clone, \`${command}\` brings it.`
  return ` The clone ${states.join(' and ')}. Get them all before this step: \`fetch-depth: 0\` with actions/checkout, \`depth: 0\` and \`tags: true\` under \`clone:\` in other pipelines, or \`${command}\`.`
}

/**
 * A release's name: the given one, else the last part of the repository's. `field` is the input in which the caller
 * could name it.
 */
export async function nameRelease(session: Session, given?: string, field = 'name'): Promise<string> {
  const { world, context, spell } = session
  const repository = given === undefined ? (context.repository ?? (await world.git.repository())) : ''
  const name = given ?? repository.toLowerCase().replace(/^.*\//, '')
  if (isReleaseName(name)) return name
  const origin =
    given === undefined ? `not given, and the repository's name "${name}" cannot be it` : `got "${name}"`
  throw refuse(
    spell(field),
    `${origin}: expected small letters, digits, ".", "_" and "-", a letter or digit first, and no "..".`,
  )
}

/** Release names are parts of object names, of `name@tag` and of shell commands. */
export function isReleaseName(name: string): boolean {
  return /^[a-z0-9][a-z0-9._-]*$/.test(name) && !name.includes('..')
}

function refuse(where: string, message: string): InputError {
  return new InputError([{ where, message }])
}
