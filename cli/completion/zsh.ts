import type { Place, Word } from './places.ts'

/** For `source <(mayfly completion zsh)` behind `compinit`, or as a file `_mayfly` of the fpath. */
export function writeZsh(places: readonly Place[]): string {
  return `#compdef mayfly
# Completion of mayfly for zsh: source <(mayfly completion zsh)
_mayfly_words() {
  commands=() flags=()
  case $1 in
${places.map(writePlace).join('\n')}
    (*) return 1 ;;
  esac
}

_mayfly() {
  local place='' next
  local -a commands flags
  integer at=2
  if ((CURRENT > 2)) && [[ $words[2] == help ]]; then at=3; fi
  while ((at < CURRENT)); do
    next="\${place:+$place }$words[at]"
    _mayfly_words "$next" || break
    place=$next
    ((at++))
  done
  _mayfly_words "$place"
  if [[ $words[CURRENT] == -* ]]; then
    _describe -o flag flags
  elif (($#commands)); then
    _describe command commands
  else
    _files
  fi
}

if [[ $funcstack[1] == _mayfly ]]; then
  _mayfly "$@"
else
  compdef _mayfly mayfly
fi
`
}

function writePlace({ words, commands, flags }: Place): string {
  return `    ('${words}')
      commands=(${commands.map(describe).join(' ')})
      flags=(${flags.map(describe).join(' ')}) ;;`
}

/** A colon parts the word from what is said of it. */
function describe({ word, text }: Word): string {
  return `'${word}:${text.replaceAll("'", `'\\''`)}'`
}
