import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'

/** How the tools say where something is wrong. Of several places, the last is the nearest to the mistake. */
const forms = [
  // ansible-core to 2.18
  /The error appears to (?:be|have been) in '(?<file>.+?)': line (?<line>\d+), column (?<column>\d+)/g,
  // ansible-core from 2.19
  /^Origin: (?<file>.+?):(?<line>\d+):(?<column>\d+)$/gm,
  // Packer, of HCL
  /^ *on (?<file>.+?) line (?<line>\d+)[,:]/gm,
]

/** `site.yml:12:5`, where a text names a place in the working directory. */
export function findPlace(text: string, directory: string): string | undefined {
  const places = forms.flatMap((form) => [...text.matchAll(form)])
  const { file, line, column = '1' } = places.at(-1)?.groups ?? {}
  return file === undefined ? undefined : writePlace(directory, file, line ?? '1', column)
}

/**
 * Where a task stands that Ansible knows by its title only, as it does before 2.19 when the task's program fails: the one
 * line of the playbook, or of the role's files, that gives it its name.
 */
export function findTask(title: string, playbook: string, directory: string): string | undefined {
  const [, role, name = title] = /^(\S+) : (.+)$/.exec(title) ?? []
  const files =
    role === undefined
      ? [playbook]
      : globSync(join(dirname(playbook), 'roles', role, '{tasks,handlers}', '*.{yml,yaml}'))
  const found = files.flatMap((file) =>
    readFileSync(file, 'utf8')
      .split('\n')
      .flatMap((line, index) => {
        const [, indent, , named] = /^(\s*(?:- )?\s*)name: *(["']?)(.*?)\2\s*(?:#.*)?$/.exec(line) ?? []
        return named === name ? { file, line: index + 1, column: (indent?.length ?? 0) + 1 } : []
      }),
  )
  const [only] = found
  if (only === undefined || found.length > 1) return undefined
  return writePlace(directory, only.file, String(only.line), String(only.column))
}

/** Nobody can look at what is not the team's own. */
function writePlace(directory: string, file: string, line: string, column: string): string | undefined {
  const path = relative(directory, resolve(directory, file))
  return path.startsWith('..') ? undefined : `${path}:${line}:${column}`
}
