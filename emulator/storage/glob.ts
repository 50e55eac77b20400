// Parts of a pattern, longest first: `**/` may be no folder at all.
const parts = /\*\*+\/|\*\*+|\*|\?|\[!?\]?[^\]]*\]|[{},]|[^*?[{},]+|\[/g

/**
 * The regular expression of a `matchGlob`: `*` and `?` stay within a folder, `**` does not, `[a-z]`, `[!a-z]`, `{a,b}`.
 * https://cloud.google.com/storage/docs/json_api/v1/objects/list#list-objects-and-prefixes-using-glob
 */
export function compileGlob(glob: string): RegExp {
  let depth = 0
  const source = (glob.match(parts) ?? []).map((part) => {
    if (/^\*\*+\/$/.test(part)) return '(?:.*/)?'
    if (/^\*\*+$/.test(part)) return '.*'
    if (part === '*') return '[^/]*'
    if (part === '?') return '[^/]'
    if (part === '{') return ++depth && '(?:'
    if (part === '}' && depth > 0) return depth-- && ')'
    if (part === ',' && depth > 0) return '|'
    if (/^\[.+\]$/s.test(part)) return part.replace(/^\[!/, '[^').replaceAll('\\', '\\\\')
    return part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  })
  return new RegExp(`^${source.join('')}${')'.repeat(depth)}$`, 'su')
}
