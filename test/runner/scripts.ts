import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Tiny programs in a folder of their own: name → source. */
export function writeScripts<Name extends string>(
  sources: Readonly<Record<Name, string>>,
): Readonly<Record<Name, string>> & Disposable {
  const folder = mkdtempSync(join(tmpdir(), 'scripts-'))
  const paths = Object.keys(sources).map((name) => {
    const path = join(folder, `${name}.mjs`)
    writeFileSync(path, sources[name as Name])
    return [name, path]
  })
  return {
    ...(Object.fromEntries(paths) as Record<Name, string>),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  }
}
