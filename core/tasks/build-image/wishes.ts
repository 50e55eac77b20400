import { InputError, type Problem } from '../../errors.ts'
import type { Inputs } from '../../fields.ts'
import { readDuration, readSize } from '../../units.ts'
import type { fields } from './fields.ts'

/** The inputs in units that programs use. */
export interface Wishes {
  readonly project: string
  readonly bucket: string
  readonly family: string
  readonly template?: string
  readonly playbook?: string
  readonly sourceImage: string
  readonly containers: readonly string[]
  readonly variables: Readonly<Record<string, string>>
  /** Variable → environment variable. */
  readonly secrets: Readonly<Record<string, string>>
  readonly smoke?: string
  readonly machineType: string
  readonly zones: readonly string[]
  readonly diskGb: number
  readonly subnetwork?: string
  readonly serviceAccount?: string
  readonly internalIp: boolean
  readonly timeoutSeconds: number
  readonly keep: number
  readonly deleteAfterSeconds: number
}

// RFC 1035, with room for a tag after it.
const familyPattern = /^[a-z]([-a-z0-9]{0,46}[a-z0-9])?$/

/** Reads the inputs. Throws one InputError for everything that is wrong with them. */
export function readWishes(inputs: Inputs<typeof fields>, spell: (field: string) => string): Wishes {
  const problems: Problem[] = []
  const refuse = (field: string, message: string) => void problems.push({ where: spell(field), message })
  const read = <Value>(field: string, parse: () => Value): Value | undefined => {
    try {
      return parse()
    } catch (error) {
      refuse(field, (error as Error).message)
      return undefined
    }
  }

  const { family, playbook, template, subnetwork, serviceAccount, smoke } = inputs
  if (!familyPattern.test(family))
    refuse('family', `expected small letters, digits and "-", a letter first, at most 48; got "${family}".`)
  if (playbook === undefined && template === undefined)
    refuse(
      'playbook',
      `required, and not given: an Ansible playbook, such as site.yml; or a Packer template as ${spell('template')}.`,
    )
  for (const name of Object.keys(inputs.secrets).filter((each) => each in inputs.variables))
    refuse('secrets', `"${name}" is given as one of ${spell('variables')} too.`)
  const wishes = {
    timeoutSeconds: read('timeout', () => readDuration(inputs.timeout)),
    deleteAfterSeconds: read('delete_after', () => readDuration(inputs.deleteAfter)),
    diskGb: read('disk', () => readGigabytes(inputs.disk)),
    keep: read('keep', () => readCount(inputs.keep)),
  }
  if (problems.length > 0) throw new InputError(problems)
  const { project, bucket, sourceImage, containers, variables, secrets, machineType, zones, internalIp } =
    inputs
  return {
    project,
    bucket,
    family,
    ...(template !== undefined && { template }),
    ...(playbook !== undefined && { playbook }),
    sourceImage,
    containers,
    variables,
    secrets,
    ...(smoke !== undefined && { smoke }),
    machineType,
    zones,
    ...(subnetwork !== undefined && { subnetwork }),
    ...(serviceAccount !== undefined && { serviceAccount }),
    internalIp,
    ...(wishes as { readonly [Name in keyof typeof wishes]: number }),
  }
}

function readGigabytes(text: string): number {
  const gigabytes = readSize(text) / 1024
  if (Number.isInteger(gigabytes) && gigabytes >= 10) return gigabytes
  throw new Error(`expected whole GB, 10GB at least, got "${text}".`)
}

function readCount(text: string): number {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text)
  throw new Error(`expected a number from 1, got "${text}".`)
}
