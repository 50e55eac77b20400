import type { Place } from './places.ts'

/** For `mayfly completion fish | source`, or as ~/.config/fish/completions/mayfly.fish. */
export function writeFish(places: readonly Place[]): string {
  return `# Completion of mayfly for fish: mayfly completion fish | source
set -g __mayfly_places ${places.map(({ words }) => quote(words)).join(' ')}

function __mayfly_at
    set -l typed (commandline -opc)
    set -e typed[1]
    if test "$typed[1]" = help
        set -e typed[1]
    end
    set -l place
    for word in $typed
        contains -- (string join ' ' $place $word) $__mayfly_places; or break
        set -a place $word
    end
    test (string join ' ' -- $place | string collect --allow-empty) = $argv[1]
end

complete -c mayfly -e
${places.flatMap(writePlace).join('\n')}
`
}

function writePlace({ words, commands, flags }: Place): readonly string[] {
  const head = `complete -c mayfly -n ${quote(`__mayfly_at ${quote(words)}`)}`
  return [
    ...commands.map(({ word, text }) => `${head} -f -a ${quote(word)} -d ${quote(text)}`),
    ...flags.map(
      ({ word, text, takesValue }) =>
        `${head} -l ${quote(word.slice(2))}${takesValue ? ' -r' : ''} -d ${quote(text)}`,
    ),
  ]
}

/** Fish reads a backslash and a quote in quotes only behind a backslash. */
function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}
