import * as z from 'zod/mini'
import { runObjects } from '../depot.ts'
import type { Objects } from '../world.ts'

const keptFile = z.object({
  /** Below the folder, with slashes. */
  path: z.string(),
  /** Its bytes in the depot; created once, by the checkpoint that brought them, and shared with later ones. */
  object: z.string(),
  size: z.number(),
  crc32c: z.string(),
  /** Milliseconds since the epoch, on the clock of the machine that wrote it. */
  mtimeMs: z.number(),
  /** Permissions, as chmod takes them. */
  mode: z.number(),
})
export type KeptFile = z.infer<typeof keptFile>

/** checkpoint/000001.json: a whole folder. It is created last, so that a checkpoint is complete or not there. */
export const checkpointRecord = z.object({ schema: z.literal(1), files: z.array(keptFile) })

/** The manifests of the attempts before this one, in the order in which they are to be tried: the last one first. */
export async function* listCheckpoints(
  objects: Objects,
  path: string,
  before: number,
): AsyncIterable<string> {
  for (let number = before - 1; number >= 1; number--) {
    const folder = runObjects.checkpoints(path, number)
    const names: string[] = []
    for await (const { name } of objects.list(`${folder}/`, { glob: `${folder}/*.json` })) names.push(name)
    yield* names.reverse()
  }
}
