import { expressionPattern } from '../template.ts'
import type { Input } from './batch.ts'
import { key, object } from './collections.ts'
import { text } from './scalars.ts'
import type { Shape } from './shape.ts'

const bucket = `(?:${expressionPattern}|[a-z0-9._-])+`
const word = `(?:${expressionPattern}|[A-Za-z0-9._-])+`
const rest = `(?:/(?:${expressionPattern}|[^\\r\\n$])*)?`

/** What an input's texts look like before and after their expressions are filled. */
export const inputTexts = {
  from: {
    expected:
      'gs://bucket/…, s3://bucket/…, or run:batch/latest-success/output and run:batch/<run id>/output',
    pattern: new RegExp(`^(?:(?:gs|s3)://${bucket}${rest}|run:${word}/${word}/${word}${rest})$`, 'u'),
  },
  into: {
    expected: 'a path inside the work directory, without a leading "/" and ".."',
    pattern: new RegExp(`^(?!/)(?!(?:.*/)?\\.\\.(?:/|$))(?:${expressionPattern}|[^\\r\\n$])+$`, 'u'),
  },
} as const

/** One of `inputs:`. */
export const input: Shape<Input> = object(
  { what: 'an input' },
  {
    from: key(text({ ...inputTexts.from, expressions: 'filled' }), {
      description:
        'an object, a folder (with "/" at its end) or a glob of Cloud Storage or S3, or what an earlier run has put out',
      example: 'run:embed-items/latest-success/model/',
      required: true,
    }),
    to: key(text({ ...inputTexts.into, expressions: 'filled' }), {
      description:
        'where in the work directory it goes: a folder (with "/" at its end), or for one object a file',
      example: 'data/',
      required: true,
    }),
  },
)
