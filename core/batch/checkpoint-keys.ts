import { key, object } from './collections.ts'
import { duration, isScalar, text } from './scalars.ts'
import type { Shape } from './shape.ts'

const folder = text({
  expected: 'a folder below the work directory, without a leading "/" and ".."',
  pattern: /^(?!\/)(?!(?:.*\/)?\.\.(?:\/|$))(?!(?:\.?\/)*\.?$).+$/u,
})

const longCheckpoint = object(
  { what: 'a checkpoint' },
  {
    path: key(folder, {
      description: 'a folder below the work directory',
      example: 'state/',
      required: true,
    }),
    every: key(duration('5s', '1d'), {
      description: 'how often it is kept while a step runs; 60s when absent',
      example: '5m',
      as: 'everySeconds',
    }),
  },
)

type Checkpoint = { readonly path: string; readonly everySeconds: number }

const usualSeconds = 60

/** `checkpoint:` of a batch file: a map, or no more than a folder. */
export const checkpoint: Shape<Checkpoint> = {
  schema: { anyOf: [folder.schema, longCheckpoint.schema] },
  read: (item, names) => {
    const read = isScalar(item)
      ? { path: folder.read(item, names), everySeconds: usualSeconds }
      : { everySeconds: usualSeconds, ...longCheckpoint.read(item, names) }
    return read.path === undefined ? undefined : { ...read, path: read.path }
  },
}
