import { InputError } from '../../core/errors.ts'
import { text } from '../../core/fields.ts'
import { suggestNearest } from '../../core/nearest.ts'
import { type Command, defineCommand, tell } from '../command.ts'
import type { Site } from '../site.ts'
import { writeBash } from './bash.ts'
import { writeFish } from './fish.ts'
import { listPlaces } from './places.ts'
import { writeZsh } from './zsh.ts'

const shells = new Map([
  ['bash', writeBash],
  ['zsh', writeZsh],
  ['fish', writeFish],
])

/** `mayfly completion` */
export function openCompletion(site: Site): Command {
  return defineCommand({
    summary: 'Print what makes a shell complete the commands and flags of mayfly.',
    fields: {
      shell: text({
        description: '`bash`, `zsh` or `fish`.',
        example: 'bash',
        required: true,
        positional: true,
      }),
    },
    async run({ shell }, { spell }) {
      const write = shells.get(shell)
      if (write === undefined) {
        const names = [...shells.keys()]
        const message = `expected one of ${names.join(', ')}, got "${shell}".${suggestNearest(shell, names)}`
        throw new InputError([{ where: spell('shell'), message }])
      }
      const script = write(await listPlaces(site))
      return tell(script.trimEnd().split('\n'), { shell, script })
    },
  })
}
