import { batch } from './keys.ts'
import type { JsonSchema } from './shape.ts'

/** The JSON Schema of batch files, for editors. */
export function describeBatch(): JsonSchema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Mayfly batch file',
    ...batch.schema,
  }
}
