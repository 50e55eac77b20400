import type { Place } from './places.ts'

/** For `source <(mayfly completion bash)`, bash 4 and later. Where no word fits, bash completes names of files. */
export function writeBash(places: readonly Place[]): string {
  const values = new Set(
    places.flatMap(({ flags }) => flags.filter((flag) => flag.takesValue).map(({ word }) => word)),
  )
  return `# Completion of mayfly for bash: source <(mayfly completion bash)
_mayfly_words() {
  case $1 in
${places.map(({ words, commands, flags }) => `    '${words}') commands='${join(commands)}' flags='${join(flags)}' ;;`).join('\n')}
    *) return 1 ;;
  esac
}

_mayfly() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]} place='' next commands='' flags='' wanted
  local -i at=1
  if ((COMP_CWORD > 1)) && [[ \${COMP_WORDS[1]} == help ]]; then at=2; fi
  while ((at < COMP_CWORD)); do
    next="\${place:+$place }\${COMP_WORDS[at]}"
    _mayfly_words "$next" || break
    place=$next
    at+=1
  done
  _mayfly_words "$place"
  COMPREPLY=()
  case $previous in
    ${[...values].join(' | ')}) return ;;
  esac
  wanted=$commands
  if [[ $current == -* ]]; then wanted=$flags; fi
  mapfile -t COMPREPLY < <(compgen -W "$wanted" -- "$current")
}

complete -o default -F _mayfly mayfly
`
}

function join(words: Place['flags']): string {
  return words.map(({ word }) => word).join(' ')
}
