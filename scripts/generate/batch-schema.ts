import { describeBatch } from '../../core/batch/schema.ts'

/** schema/batch.json */
export function generateBatchSchema(): { readonly path: string; readonly text: string } {
  return { path: 'schema/batch.json', text: `${joinShortLists(JSON.stringify(describeBatch(), null, 2))}\n` }
}

/** As biome formats JSON: a list of scalars that fits on one line stands on one line. */
function joinShortLists(json: string): string {
  const list = /^(.*)\[\n((?:\s+(?:"(?:[^"\\]|\\.)*"|[\w.-]+),?\n)+)\s*\](,?)$/gm
  return json.replace(list, (lines: string, before: string, items: string, comma: string) => {
    const line = `${before}[${items.trim().split(/\n\s*/).join(' ')}]${comma}`
    return line.length <= 110 ? line : lines
  })
}
