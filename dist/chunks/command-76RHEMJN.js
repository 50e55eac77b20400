import{createRequire as mayflyRequire}from'node:module';const require=mayflyRequire(import.meta.url);
import{a as u,c as P,d as C}from"./chunk-NKLU37CL.js";import{b as h,c as _}from"./chunk-LWVJC2DL.js";import"./chunk-6YF5FFRZ.js";import{a as w}from"./chunk-KHGTD5GM.js";import{b as g}from"./chunk-DYFU6S3B.js";import{c as $}from"./chunk-MSD6HHRC.js";import{a as o}from"./chunk-HELUG43E.js";function O(e){let a=new Set(e.flatMap(({flags:s})=>s.filter(n=>n.takesValue).map(({word:n})=>n)));return`# Completion of mayfly for bash: source <(mayfly completion bash)
_mayfly_words() {
  case $1 in
${e.map(({words:s,commands:n,flags:t})=>`    '${s}') commands='${x(n)}' flags='${x(t)}' ;;`).join(`
`)}
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
    ${[...a].join(" | ")}) return ;;
  esac
  wanted=$commands
  if [[ $current == -* ]]; then wanted=$flags; fi
  mapfile -t COMPREPLY < <(compgen -W "$wanted" -- "$current")
}

complete -o default -F _mayfly mayfly
`}o(O,"writeBash");function x(e){return e.map(({word:a})=>a).join(" ")}o(x,"join");function k(e){return`# Completion of mayfly for fish: mayfly completion fish | source
set -g __mayfly_places ${e.map(({words:a})=>i(a)).join(" ")}

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
${e.flatMap(E).join(`
`)}
`}o(k,"writeFish");function E({words:e,commands:a,flags:s}){let n=`complete -c mayfly -n ${i(`__mayfly_at ${i(e)}`)}`;return[...a.map(({word:t,text:r})=>`${n} -f -a ${i(t)} -d ${i(r)}`),...s.map(({word:t,text:r,takesValue:l})=>`${n} -l ${i(t.slice(2))}${l?" -r":""} -d ${i(r)}`)]}o(E,"writePlace");function i(e){return`'${e.replaceAll("\\","\\\\").replaceAll("'","\\'")}'`}o(i,"quote");async function R(e){let a=P.flatMap(t=>[[t.name,t,!1],..."task"in t.load?[[`local ${t.name}`,t,!0]]:[]]),s=await Promise.all(a.map(async([t,r,l])=>{let{summary:m,fields:c}=await C(r,l,e),p=Object.entries(c).filter(([,d])=>!d.positional).map(([d,f])=>({word:f.kind==="flag"&&f.default==="true"?u(`no_${d}`):u(d,f),text:W(f.description),takesValue:f.kind!=="flag"}));return{words:t,summary:W(m),flags:[...p,...M]}})),n=new Map;for(let{words:t,summary:r}of s){let l=t.split(" ");for(let[m,c]of l.entries()){let y=l.slice(0,m).join(" "),p=n.get(y)??new Map;n.set(y,p.set(c,m===l.length-1?r:p.get(c)??D(c)))}}return[...[...n].map(([t,r])=>({words:t,commands:[...r].map(([l,m])=>({word:l,text:m,takesValue:!1})),flags:t===""?[...M,v]:[]})),...s.map(({words:t,flags:r})=>({words:t,commands:[],flags:r}))]}o(R,"listPlaces");var M=[{word:"--json",text:"Print the result as JSON",takesValue:!1},{word:"--help",text:"Print what the command does",takesValue:!1}],v={word:"--version",text:"Print the version",takesValue:!1};function D(e){return e==="local"?"On a small Google Cloud on this computer":`Look after ${e}`}o(D,"groupText");function W(e){return e.replaceAll("`","").split(/\. |\.$/)[0]??""}o(W,"shorten");function j(e){return`#compdef mayfly
# Completion of mayfly for zsh: source <(mayfly completion zsh)
_mayfly_words() {
  commands=() flags=()
  case $1 in
${e.map(V).join(`
`)}
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
`}o(j,"writeZsh");function V({words:e,commands:a,flags:s}){return`    ('${e}')
      commands=(${a.map(b).join(" ")})
      flags=(${s.map(b).join(" ")}) ;;`}o(V,"writePlace");function b({word:e,text:a}){return`'${e}:${a.replaceAll("'","'\\''")}'`}o(b,"describe");var S=new Map([["bash",O],["zsh",j],["fish",k]]);function te(e){return h({summary:"Print what makes a shell complete the commands and flags of mayfly.",fields:{shell:w({description:"`bash`, `zsh` or `fish`.",example:"bash",required:!0,positional:!0})},async run({shell:a},{spell:s}){let n=S.get(a);if(n===void 0){let r=[...S.keys()],l=`expected one of ${r.join(", ")}, got "${a}".${g(a,r)}`;throw new $([{where:s("shell"),message:l}])}let t=n(await R(e));return _(t.trimEnd().split(`
`),{shell:a,script:t})}})}o(te,"openCompletion");export{te as openCompletion};
