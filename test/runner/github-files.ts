import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const names = ['GITHUB_OUTPUT', 'GITHUB_STATE', 'GITHUB_STEP_SUMMARY', 'GITHUB_ENV', 'GITHUB_PATH'] as const

/** The files by which a step hands values to the runner, fresh for every step. */
export interface CommandFiles extends Disposable {
  readonly env: Readonly<Record<string, string>>
  /** An empty folder of the step's own. */
  readonly folder: string
  values(file: 'GITHUB_OUTPUT' | 'GITHUB_STATE'): Readonly<Record<string, string>>
  summary(): string
}

export function openCommandFiles(): CommandFiles {
  const folder = mkdtempSync(join(tmpdir(), 'runner-'))
  const env = Object.fromEntries(names.map((name) => [name, join(folder, name.toLowerCase())]))
  for (const path of Object.values(env)) writeFileSync(path, '')
  const read = (name: (typeof names)[number]) => readFileSync(join(folder, name.toLowerCase()), 'utf8')
  return {
    env,
    folder,
    values: (file) => readValues(read(file)),
    summary() {
      const summary = read('GITHUB_STEP_SUMMARY')
      const bytes = Buffer.byteLength(summary)
      if (bytes > 1024 * 1024)
        throw new Error(`The runner drops a summary over 1 MiB; this one has ${bytes} bytes.`)
      return summary
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** `name=value` lines, and `name<<delimiter` ones with a value of any lines until the delimiter (FileCommandManager.cs). */
function readValues(text: string): Record<string, string> {
  const values: Record<string, string> = {}
  const lines = text.split('\n')
  for (let at = 0; at < lines.length; at++) {
    const [, name, delimiter] = /^([^=]+?)<<(.+)$/.exec(lines[at] ?? '') ?? []
    if (name === undefined) {
      const [, key, value] = /^([^=]+)=(.*)$/.exec(lines[at] ?? '') ?? []
      if (key !== undefined) values[key] = value ?? ''
      else if (lines[at] !== '') throw new Error(`The runner cannot read "${lines[at]}" in a command file.`)
      continue
    }
    const end = lines.indexOf(delimiter as string, at + 1)
    if (end < 0) throw new Error(`The runner finds no end of ${name} in a command file.`)
    values[name] = lines.slice(at + 1, end).join('\n')
    at = end
  }
  return values
}
