import { readFile } from 'node:fs/promises'

interface Manifest {
  readonly builds: readonly {
    readonly builder_type: string
    readonly artifact_id: string
    readonly packer_run_uuid: string
  }[]
  readonly last_run_uuid: string
}

/** The name of the image that the last run made. A manifest keeps earlier runs too. Undefined when there is no manifest. */
export async function readImageName(file: string): Promise<string | undefined> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  const { builds, last_run_uuid: run } = JSON.parse(text) as Manifest
  const made = builds.filter(({ packer_run_uuid }) => packer_run_uuid === run)
  const image = made.find(({ builder_type }) => builder_type === 'googlecompute') ?? made.at(-1)
  return image?.artifact_id
}
