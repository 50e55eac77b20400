import { InputError } from '../../errors.ts'
import type { Inputs } from '../../fields.ts'
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

/** Reads the inputs. Throws an InputError for those that do not go together. */
export function readWishes(inputs: Inputs<typeof fields>, spell: (field: string) => string): Wishes {
  const { playbook, template, subnetwork, serviceAccount, smoke } = inputs
  const twice = Object.keys(inputs.secrets).filter((each) => each in inputs.variables)
  if (twice.length > 0) {
    const problem = (name: string) => `"${name}" is given as one of ${spell('variables')} too.`
    throw new InputError(twice.map((name) => ({ where: spell('secrets'), message: problem(name) })))
  }
  const { project, bucket, family, sourceImage, containers, variables, secrets } = inputs
  const { machineType, zones, internalIp, keep } = inputs
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
    diskGb: inputs.disk,
    ...(subnetwork !== undefined && { subnetwork }),
    ...(serviceAccount !== undefined && { serviceAccount }),
    internalIp,
    timeoutSeconds: inputs.timeout,
    keep,
    deleteAfterSeconds: inputs.deleteAfter,
  }
}
