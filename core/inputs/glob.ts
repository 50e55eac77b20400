/** Whether a text is a pattern. */
export function isGlob(text: string): boolean {
  return /[*?[{]/.test(text)
}

/** The folder that all names of a pattern are in: `a/b/c*` → `a/b/`. */
export function fixedFolder(glob: string): string {
  const fixed = glob.slice(0, glob.search(/[*?[{]/))
  return fixed.slice(0, fixed.lastIndexOf('/') + 1)
}

const wildcards: Readonly<Record<string, string>> = {
  // May be no folder at all.
  '**/': '(?:.*/)?',
  '**': '.*',
  '*': '[^/]*',
  '?': '[^/]',
}

/**
 * What a pattern means, for places that cannot match it themselves: the same as Cloud Storage's matchGlob.
 * https://cloud.google.com/storage/docs/json_api/v1/objects/list#list-objects-and-prefixes-using-glob
 */
export function compileGlob(glob: string): RegExp {
  const source = glob.replace(/\*\*+\/|\*\*+|[*?]|\{[^{}]*\}|\[!?[^\]]+\]|./gsu, (part) => {
    const wildcard = wildcards[part.replace(/^\*\*+/, '**')]
    if (wildcard !== undefined) return wildcard
    if (part.startsWith('[') && part.length > 1) return part.replace(/^\[!/, '[^').replaceAll('\\', '\\\\')
    if (part.startsWith('{') && part.length > 1)
      return `(?:${part.slice(1, -1).split(',').map(innerSource).join('|')})`
    return part.replace(/[.*+?^${}()|[\]\\]/, '\\$&')
  })
  return new RegExp(`^${source}$`, 'su')
}

/** Of an alternative between braces. */
function innerSource(part: string): string {
  return compileGlob(part).source.slice(1, -1)
}
