import { expressionPattern } from '../template.ts'
import type { Output } from './batch.ts'
import { key, map, object } from './collections.ts'
import type { Item } from './document.ts'
import { oneOf, text } from './scalars.ts'
import { refine, type Shape, showText } from './shape.ts'

/** What an output's texts look like before and after their expressions are filled. */
export const outputTexts = {
  name: {
    expected: 'a name of a-z, 0-9, ".", "_" and "-"',
    pattern: new RegExp(`^(?!\\.{1,2}$)(?:${expressionPattern}|[a-z0-9._-])+$`, 'u'),
  },
  to: {
    expected: 'a place such as gs://bucket/folder/, s3://bucket/folder/ or bigtable://instance/table',
    pattern: new RegExp(
      `^(?:(?:gs|s3)://(?:${expressionPattern}|[a-z0-9._-])+(?:/(?:${expressionPattern}|[^\\s$])*)?|bigtable://(?:(?:${expressionPattern}|[A-Za-z0-9._-])+/){1,2}(?:${expressionPattern}|[A-Za-z0-9._-])+)$`,
      'u',
    ),
  },
} as const

/** What a value of a row may become in Bigtable. */
const cellTypes = ['string', 'int64', 'float64', 'bytes'] as const

const written = object(
  { what: 'an output' },
  {
    path: key(
      text({
        expected: 'a path inside the work directory, without a leading "/" and ".."',
        pattern: /^(?!\/)(?!(?:.*\/)?\.\.(?:\/|$)).+$/u,
      }),
      { description: 'a file or folder of the work directory', example: 'model/', required: true },
    ),
    name: key(text({ ...outputTexts.name, expressions: 'filled' }), {
      description: "the output's name in the depot and in reports; the last part of its path when absent",
      example: 'model',
    }),
    to: key(text({ ...outputTexts.to, expressions: 'filled' }), {
      description:
        'where in Cloud Storage (gs://) or S3 (s3://) it goes, or the Bigtable table that gets its rows; to the depot when absent',
      example: 'gs://acme-lake/models/',
    }),
    when: key(oneOf(['success', 'failure', 'always']), {
      description: 'after what end of the steps it is stored',
      default: 'success',
    }),
    key: key(
      text({
        expected: 'a column, or a text with columns in braces such as {region}#{user}',
        pattern: /\S/u,
      }),
      {
        description:
          "of rows for Bigtable: the column that is the row's key, or a text with columns in braces",
        example: 'user_id',
      },
    ),
    family: key(
      text({
        expected: 'a column family: letters, digits, "_", "." and "-"',
        pattern: /^[-_.A-Za-z0-9]{1,64}$/u,
      }),
      { description: 'of rows for Bigtable: the column family of their cells', example: 's' },
    ),
    types: key(map({ expected: 'a column', pattern: /\S/u }, oneOf(cellTypes)), {
      description:
        'of rows for Bigtable: columns whose values are no text: int64 and float64 become 8 bytes, bytes are read as base64',
    }),
  },
)

type WrittenOutput = Omit<Output, 'name'> & { readonly name?: string }

/** One of `outputs:`. */
export const output: Shape<Output> = refine(written, checkOutput)

function checkOutput(output: WrittenOutput, item: Item): Output {
  const name = output.name ?? (output.path.replace(/\/+$/, '').split('/').at(-1) as string)
  // The path's last part is for reports only where the output does not go to the depot.
  if (output.to === undefined && !outputTexts.name.pattern.test(name))
    item.complain(
      `${showText(name)} cannot be a name in the depot. Give the output one, such as name: model.`,
    )
  checkRows(output, item)
  return { ...output, name }
}

function checkRows({ to, ...output }: WrittenOutput, item: Item): void {
  const isTable = to?.startsWith('bigtable://') ?? false
  for (const name of ['key', 'family', 'types'] as const) {
    const entry = item.entries().find(({ key }) => key === name)?.value
    if (!isTable) entry?.complainAtKey('belongs to an output whose "to" is a table of Bigtable.')
    else if (output[name] === undefined && entry === undefined && name !== 'types')
      item.complain(`an output for Bigtable needs ${name}, such as ${rowExamples[name]}.`)
  }
}

const rowExamples = { key: 'key: user_id', family: 'family: s' }
