import{createRequire as mayflyRequire}from'node:module';const require=mayflyRequire(import.meta.url);
import{a as m,b as p,c as O,d as U}from"./chunk-KH5PUZYE.js";import{a as M,d as L}from"./chunk-WUWDTI43.js";import{a as S}from"./chunk-TA2APE2Q.js";import{a as N}from"./chunk-J4DWV2RO.js";import{a as R}from"./chunk-WH5K2BFV.js";import{c as F}from"./chunk-YOUJISGT.js";import{a as j,b as H}from"./chunk-HZNSCQPG.js";import{a as P,b as C,c as u,f as h}from"./chunk-MSD6HHRC.js";import{a as n}from"./chunk-HELUG43E.js";import{createHash as Je}from"node:crypto";import{readFile as Ve}from"node:fs/promises";import{join as We}from"node:path";var D=`#!/bin/sh
# The startup script of every machine, always the same: what differs is in metadata attributes. It finds the agent, and
# a Node to run it with. Compute Engine runs it at every boot.
set -u

# A driver of local machines says where the metadata server is, and gives each machine a home of its own.
if [ -n "\${GCE_METADATA_HOST:-}" ]; then
  root="\${HOME:?}/mayfly"
else
  root=/var/lib/mayfly
fi
metadata="http://\${GCE_METADATA_HOST:-169.254.169.254}/computeMetadata/v1"
storage="\${STORAGE_EMULATOR_HOST:-https://storage.googleapis.com}"
case $storage in *://*) ;; *) storage="http://$storage" ;; esac
baked=/opt/mayfly
# From a cache of Docker Hub that is close to every machine and has no rate limit.
node_image=mirror.gcr.io/library/node:24-slim

mkdir -p "$root" || {
  echo "mayfly: cannot make $root"
  exit 1
}
umask 077
# The console is for short lines only: its reader kills a script that writes one of 64 KiB
# (https://github.com/GoogleCloudPlatform/guest-agent/issues/149).
exec 3>&1 >>"$root/bootstrap.log" 2>&1

say() {
  printf 'mayfly: %s\\n' "$1" | tr -s '\\t\\r\\n' '   ' | cut -c 1-400 >&3
}

# The controller looks for these words and ends the attempt.
give_up() {
  say "cannot $1"
  exit 1
}

has() {
  command -v "$1" >/dev/null
}

# Writes what is at an address to a file. The header may be a secret, and arguments are everyone's to see.
# shellcheck disable=SC2016 # a program, not a string
get() { # URL FILE HEADER
  if has curl; then
    printf 'header = "%s"\\n' "$3" | curl -sS --fail --location --connect-timeout 10 --speed-limit 1 --speed-time 30 --max-time 300 --config - --output "$2" "$1"
  elif has wget; then
    printf 'header = %s\\n' "$3" >"$root/wgetrc"
    wget --no-verbose --timeout 60 --tries 1 --config "$root/wgetrc" --output-document "$2" "$1"
  elif [ -n "$node" ]; then
    URL=$1 FILE=$2 HEADER=$3 "$node" --input-type=module -e '
      import { writeFileSync } from "node:fs"
      const [name, value] = process.env.HEADER.split(": ")
      const answer = await fetch(process.env.URL, { headers: { [name]: value } })
      if (!answer.ok) throw new Error(\`HTTP \${answer.status} from \${process.env.URL}\`)
      writeFileSync(process.env.FILE, Buffer.from(await answer.arrayBuffer()))'
  else
    echo 'there is none of curl, wget and Node here'
    return 1
  fi
}

get_patiently() { # URL FILE HEADER
  for pause in 1 2 4 0; do
    get "$1" "$2" "$3" && return
    sleep "$pause"
  done
  return 1
}

read_attribute() { # NAME
  get_patiently "$metadata/instance/attributes/$1" "$root/value" 'Metadata-Flavor: Google' || return
  cat "$root/value"
}

read_token() {
  get_patiently "$metadata/instance/service-accounts/default/token" "$root/token" 'Metadata-Flavor: Google' || return
  sed -n 's/.*"access_token" *: *"\\([^"]*\\)".*/\\1/p' "$root/token"
  rm -f "$root/token"
}

find_node() {
  for candidate in node "$baked/node/bin/node" "$baked/node"; do
    major=$("$candidate" -p 'process.versions.node.split(".")[0]' 2>/dev/null) || continue
    if [ "$major" -ge 20 ]; then
      command -v "$candidate"
      return
    fi
  done
}

# The first container engine that answers, as a word list.
find_engine() {
  for candidate in "\${MAYFLY_CONTAINER_ENGINE:-docker}" podman; do
    # shellcheck disable=SC2086 # a command line
    if has "\${candidate%% *}" && $candidate version >/dev/null; then
      echo "$candidate"
      return
    fi
  done
}

fetch_agent() { # DIGEST FILE
  if [ -f "$baked/agent-$1.js" ]; then
    cp "$baked/agent-$1.js" "$2"
    return
  fi
  bucket=$(read_attribute mayfly-bucket) || return
  header='Accept: */*'
  if [ -z "\${STORAGE_EMULATOR_HOST:-}" ]; then
    header="Authorization: Bearer $(read_token)" || return
  fi
  get_patiently "$storage/storage/v1/b/$bucket/o/agent%2F$1.js?alt=media" "$2" "$header"
}

digest_of() { # FILE
  if has sha256sum; then
    sha256sum "$1" | cut -d ' ' -f 1
  else
    shasum -a 256 "$1" | cut -d ' ' -f 1
  fi
}

last_words() {
  tail -n 2 "$root/bootstrap.log" | tr '\\n' ' '
}

node=$(find_node)
digest=$(read_attribute mayfly-agent) || give_up "read the attribute mayfly-agent: $(last_words)"
# With the ending that every Node takes for a module.
agent="$root/agent.mjs"
fetch_agent "$digest" "$agent" || give_up "get the agent $digest: $(last_words)"
found=$(digest_of "$agent")
[ "$found" = "$digest" ] || give_up "use the agent: its sha256 is $found, and $digest was expected"

umask 022
# The agent keeps to short lines on standard output, which is the console again.
if [ -n "$node" ]; then
  exec "$node" "$agent" "$root" >&3
fi

engine=$(find_engine)
[ -n "$engine" ] || give_up 'run the agent: this image has neither Node 20 or newer nor a container engine that answers'
set -- --network host --volume "$root:$root"
socket=/var/run/docker.sock
client=$(command -v docker) && [ -S "$socket" ] &&
  set -- "$@" --volume "$socket:$socket" --volume "$client:/usr/bin/docker:ro"
for name in GCE_METADATA_HOST STORAGE_EMULATOR_HOST CLOUDSDK_API_ENDPOINT_OVERRIDES_COMPUTE MAYFLY_MACHINE; do
  set -- "$@" --env "$name"
done
say "no Node here: the agent runs in $node_image"
# shellcheck disable=SC2086 # command lines
exec $engine run --rm \${MAYFLY_CONTAINER_FLAGS:-} "$@" "$node_image" node "$agent" "$root" >&3
`;import{setTimeout as fe}from"node:timers/promises";var B=2e3;function z(){let r=0;return{now:n(()=>Date.now()+r,"now"),sleep:n((t,e)=>fe(t,void 0,e?{signal:e}:{}).catch(()=>{}),"sleep"),learn(t){let e=Date.parse(t??"")-Date.now();Math.abs(e-r)>B&&(r=Math.abs(e)>B?e:0)}}}n(z,"openCloudClock");import{readFile as me}from"node:fs/promises";import{resolve as ue}from"node:path";function Y(r){return{async read(t){try{return await me(ue(r,t),"utf8")}catch(e){let{code:o,message:i}=e;if(o==="ENOENT")return;throw new u([{where:t,message:`cannot be read: ${i}.`}],{cause:e})}}}}n(Y,"openFiles");import{createHash as Re}from"node:crypto";import{createWriteStream as Oe}from"node:fs";import{mkdir as Ue,mkdtemp as Ne,rm as Fe,writeFile as ie}from"node:fs/promises";import{tmpdir as Me}from"node:os";import{join as b}from"node:path";import{pipeline as Le}from"node:stream/promises";var pe={"core.abbrev":"40","core.attributesFile":"/dev/null","core.autocrlf":"false","core.bigFileThreshold":"32m","core.eol":"lf","tar.umask":"0002"};function J(r){let t={...r,LC_ALL:"C",GIT_TERMINAL_PROMPT:"0",GIT_NO_REPLACE_OBJECTS:"1"};return W(t,{"safe.directory":"*"})}n(J,"openEnvironment");function V(r,t,e){let o=Object.entries(r).filter(([s])=>!s.startsWith("GIT_")),i={...Object.fromEntries(o),LC_ALL:"C",GIT_DIR:t,GIT_CONFIG_NOSYSTEM:"1",GIT_CONFIG_GLOBAL:"/dev/null",GIT_ATTR_NOSYSTEM:"1",GIT_OBJECT_DIRECTORY:e};return W(i,pe)}n(V,"isolateEnvironment");function W(r,t){let e=Number(r.GIT_CONFIG_COUNT??0),o=Object.entries(t),i=o.flatMap(([s,a],l)=>[[`GIT_CONFIG_KEY_${e+l}`,s],[`GIT_CONFIG_VALUE_${e+l}`,a]]);return{...r,...Object.fromEntries(i),GIT_CONFIG_COUNT:String(e+o.length)}}n(W,"addSettings");import{availableParallelism as ye}from"node:os";import{promisify as ge}from"node:util";import{constants as he,gzip as we}from"node:zlib";var x=1<<18;async function*K(r){let t=ye()+1,e=[];try{for await(let o of $e(r)){let i=be(o);i.catch(()=>{}),e.push(i),e.length>=t&&(yield await e.shift())}for(let o of e)yield await o}finally{await Promise.allSettled(e)}}n(K,"compress");function be(r){let t={level:he.Z_DEFAULT_COMPRESSION,chunkSize:r.length+(r.length>>6)+64};return ge(we)(r,t)}n(be,"compressBlock");async function*$e(r){let t=Buffer.allocUnsafe(x),e=0;for await(let o of r)for(let i=0;i<o.length;){let s=o.subarray(i,i+x-e);t.set(s,e),i+=s.length,e+=s.length,!(e<x)&&(yield t,t=Buffer.allocUnsafe(x),e=0)}e>0&&(yield t.subarray(0,e))}n($e,"inBlocks");import{join as xe}from"node:path";import{basename as G,dirname as Ae}from"node:path";async function g(r){let t=["--show-object-format","--is-shallow-repository","--git-path","objects"];try{let e=await m(r,"rev-parse","--path-format=absolute",...t),[o="",i,...s]=e.split(`
`);return{objectFormat:o,shallow:i==="true",objects:s.join(`
`)}}catch(e){if(!(e instanceof h))throw e;let o=`expected a git repository, and git finds none (${e.output}). Check the code out before this step, or go to its directory.`;throw new u([{where:r.directory,message:o}],{cause:e})}}n(g,"findRepository");async function X(r){let t=await p(r,"config","--get","remote.origin.url");return(t&&U(t))??ve(r)}n(X,"nameRepository");async function ve(r){let t=await m(r,"rev-parse","--path-format=absolute","--git-common-dir");return G(t)===".git"?G(Ae(t)):G(t,".git")}n(ve,"nameDirectory");async function w(r,t){return p(r,"rev-parse","--verify","--quiet","--end-of-options",`${t}^{commit}`)}n(w,"findCommit");async function q(r){return await p(r,"config","--get-regexp","^remote\\..*\\.promisor$")!==void 0}n(q,"isPartial");import{existsSync as ke}from"node:fs";import{join as Ee}from"node:path";async function Q(r,t){return(await m(r,"ls-tree","-r","-z","--full-tree",t)).split("\0").flatMap(o=>{let[,i,s]=/^160000 commit ([0-9a-f]+)\t(.+)$/s.exec(o)??[];return i===void 0||s===void 0?[]:[{commit:i,path:s}]})}n(Q,"listGitlinks");async function ee(r,{path:t,commit:e}){if(!ke(Ee(r.directory,".git")))throw Z(t,"it is not initialised");if(await w(r,e)===void 0)throw Z(t,`its clone has no commit ${e}`);return g(r)}n(ee,"findSubmodule");function Z(r,t){let e="Get it before this step: `submodules: recursive` with actions/checkout, `recursive: true` with a clone plugin, or `git submodule update --init --recursive`.";return new u([{where:`submodule ${r}`,message:`${t}. ${e}`}])}n(Z,"refuse");async function*te(r,t){let e=_e(t),o=!1;for await(let i of Te(r)){if(o)continue;let s=e(i);o=s<i.length,s>0&&(yield i.subarray(0,s))}if(!o)throw new Error("The tar stops before its end.")}n(te,"readTar");function _e(r){let t=0,e,o=new Map,i=n(({type:a,path:l,size:c})=>{t=Math.ceil(Number(o.get("size")??c)/512)*512,a==="x"&&(e=[]),!(a==="x"||a==="g")&&(r({path:o.get("path")??l,directory:a==="5"}),o=new Map)},"begin"),s=n(a=>{t-=a.length,e?.push(a),!(t>0||!e)&&(o=Ce(Buffer.concat(e)),e=void 0)},"pass");return a=>{let l=0;for(;l<a.length;){if(t===0&&a[l]===0)return l;let c=a.subarray(l,l+(t||512));t===0?i(Pe(c)):s(c),l+=c.length}return l}}n(_e,"followEntries");function re(r){return new Uint8Array(Math.ceil((r+2*512)/10240)*10240-r)}n(re,"endTar");async function*Te(r){let t=Buffer.alloc(0);for await(let e of r){let o=t.length===0?e:Buffer.concat([t,e]),i=o.length-o.length%512;t=Buffer.from(o.subarray(i)),i>0&&(yield o.subarray(0,i))}if(t.length>0)throw new Error("The tar stops in the middle of a block.")}n(Te,"inBlocks");function Pe(r){let t=n((o,i)=>{let s=Buffer.from(r.buffer,r.byteOffset+o,i),a=s.indexOf(0);return s.toString("utf8",0,a<0?i:a)},"text"),e=t(345,155);return{type:t(156,1),path:e===""?t(0,100):`${e}/${t(0,100)}`,size:Number.parseInt(t(124,12),8)}}n(Pe,"readHeader");function Ce(r){let t=new Map;for(let e=0;e<r.length&&r[e]!==0;){let o=r.indexOf(" ",e),i=e+Number(r.toString("latin1",e,o)),[s="",...a]=r.toString("utf8",o+1,i-1).split("=");t.set(s,a.join("=")),e=i}return t}n(Ce,"readRecords");async function*oe(r,t,e){let o=0;for await(let i of ne(r,t,e))o+=i.length,yield i;yield re(o)}n(oe,"makeTar");async function*ne(r,t,e){let{clone:o,objects:i,commit:s,prefix:a}=r,l=t.isolate(i),c=new Set,d=n(({path:f,directory:y})=>{y?c.add(f):e.files++},"note"),A=Ie(l,r);A.catch(()=>{});try{yield*Ge(l,r,t.signal,d),e.lfs.push(...await A)}catch(f){throw f instanceof h&&await q(o)?Se(r,f):f}if(t.submodules)for(let f of await Q(l,s)){let y=`${a}${f.path}`;if(!c.has(`${y}/`))continue;let v={...o,directory:xe(o.directory,f.path)},_=await ee(v,{path:y,commit:f.commit}),k={clone:v,objects:_.objects,commit:f.commit,prefix:`${y}/`};yield*ne(k,t,e)}}n(ne,"readPart");function Ge(r,{commit:t,prefix:e},o,i){let s=e===""?[]:[`--prefix=${e}`];return te(O(r,["archive","--format=tar",...s,t],o),i)}n(Ge,"readTree");async function Ie(r,{commit:t,prefix:e}){let o=["-E","-e","^[^#].*[[:space:]]filter=lfs"],i=["--",":(glob)**/.gitattributes"];return((await p(r,"grep","-z","--name-only",...o,t,...i))?.split("\0").filter(l=>l!=="")??[]).map(l=>`${e}${l.slice(t.length+1)}`)}n(Ie,"listLfsAttributes");function Se({clone:r,commit:t},e){let o=`the clone is partial, and not all files of commit ${t} are in it. Get them before this step: no \`filter\` and no \`sparse-checkout\` with actions/checkout, \`partial: false\` with Woodpecker's clone plugin, or \`git fetch --refetch --no-filter\`.`;return new u([{where:r.directory,message:o}],{cause:e})}n(Se,"refusePartial");async function se(r,t,e){let o=await Ne(b(r.env.TMPDIR||Me(),"mayfly-archive-")),i=n(()=>Fe(o,{recursive:!0,force:!0}),"remove");try{return{...await je(o,r,t,e),[Symbol.asyncDispose]:i}}catch(s){throw await i(),s}}n(se,"makeArchive");async function je(r,t,e,o){let{submodules:i,signal:s}=o,{env:a}=t,{objects:l,objectFormat:c}=await g(t),d=i?await m(t,"rev-parse","--show-toplevel"):t.directory,A=b(r,"repository.git");await He(A,c);let f=n(E=>({env:V(a,A,E)}),"isolate"),y={clone:{env:a,directory:d},objects:l,commit:e,prefix:""},v={files:0,lfs:[]},_=Re("sha256"),k=0;async function*I(){for await(let E of oe(y,{isolate:f,submodules:i,signal:s},v))_.update(E),k+=E.length,o.onProgress?.(k),yield E}n(I,"watchTar");let T=o.digestOnly?void 0:b(r,"archive.tar.gz"),le=T===void 0?await De(I()):await Be(I(),T);return s?.throwIfAborted(),{...T!==void 0&&{file:T},digest:_.digest("hex"),size:k,...le,...v}}n(je,"fillWorkspace");async function He(r,t){await Promise.all(["objects","refs"].map(s=>Ue(b(r,s),{recursive:!0})));let e=t==="sha1"?0:1,o=t==="sha1"?"":`[extensions]
	objectFormat = ${t}
`,i=`[core]
	repositoryFormatVersion = ${e}
	bare = true
${o}`;await Promise.all([ie(b(r,"HEAD"),`ref: refs/heads/none
`),ie(b(r,"config"),i)])}n(He,"makeBareRepository");async function De(r){for await(let t of r);return{compressedSize:0,crc32c:""}}n(De,"drain");async function Be(r,t){let e=R(),o=0;async function*i(s){for await(let a of s)e.update(a),o+=a.length,yield a}n(i,"check");try{await Le(r,K,i,Oe(t))}catch(s){if(!(s instanceof Error&&"syscall"in s))throw s;let a=`The archive could not be written to ${t} (${s.message}). TMPDIR decides where it goes.`;throw new C(a,P.unknown,{cause:s})}return{compressedSize:o,crc32c:e.digest()}}n(Be,"pack");function ae(r,t){let e={directory:r,env:J(t)},o=n(async(...i)=>(await m(e,"for-each-ref","--format=%(refname:strip=2)",...i,"refs/tags")).split(`
`).filter(a=>a!==""),"listTags");return{repository:n(()=>$(e,()=>X(e)),"repository"),tag:n(i=>$(e,()=>ze(e,i)),"tag"),tags:n(()=>$(e,()=>o()),"tags"),tagsAtHead:n(()=>$(e,async()=>{let i=await w(e,"HEAD");return i===void 0?[]:o(`--points-at=${i}`)}),"tagsAtHead"),async isShallow(){return(await g(e)).shallow},changes:n(i=>$(e,async()=>(await m(e,"diff","--name-only","-z",i,"--")).split("\0").filter(a=>a!=="")),"changes"),commit:n(i=>$(e,()=>w(e,i)),"commit"),archive:n((i,s)=>se(e,i,s),"archive")}}n(ae,"openGit");async function $(r,t){try{return await t()}catch(e){throw e instanceof h&&await g(r),e}}n($,"inRepository");async function ze(r,t){if(S(t)!==void 0)return;let e=`refs/tags/${t}`,o=await w(r,e);if(o!==void 0)return{name:t,commit:o};if(await p(r,"show-ref","--verify","--quiet",e)!==void 0)return{name:t,commit:await m(r,"rev-parse","--verify",`${e}^{commit}`)}}n(ze,"findTag");var Ye="metadata.google.internal,169.254.169.254";function ce(r){let t=r("HTTPS_PROXY")||r("https_proxy");if(!t||r("NODE_USE_ENV_PROXY")==="1")return!0;let e=process.getBuiltinModule?.("node:http");if(!e?.setGlobalProxyFromEnv)return!1;let o=[r("NO_PROXY")||r("no_proxy"),Ye].filter(Boolean).join(",");return e.setGlobalProxyFromEnv({https_proxy:t,no_proxy:o}),!0}n(ce,"useProxy");function Ar(r){let t=n(c=>r.env(c),"env"),e=L(t);r.log.info(e.line),!e.local&&!ce(t)&&r.log.warn("HTTPS_PROXY is set, but only Node 24.14 and later use it.");let o=`mayfly/${H()}`,i=e.local?N:M(t,o),s=z(),a=F({tokens:i,userAgent:o,onDate:s.learn}),l=Xe(Ke);return{clock:s,git:ae(process.cwd(),process.env),files:Y(process.cwd()),async objects(c){let{openObjects:d}=await import("./storage-X25DJMYS.js");return globalThis.Headers,d(c,{endpoint:e.storage,transport:a})},async compute(c){let{openCompute:d}=await import("./compute-OV7TDAVQ.js");return d(c,{endpoint:e.compute,transport:a})},async images(c){let{openImages:d}=await import("./image-store-5E3LI6HG.js");return d(c,{endpoint:e.compute,transport:a})},async fleet(c){let{openFleet:d}=await import("./fleet-C7SKKZ6M.js");return d(c,{endpoint:e.compute,transport:a})},async survey(c){let{openSurvey:d}=await import("./survey-UP5CWQ6N.js");return d(c,{env:t,endpoints:e,tokens:i,userAgent:o})},agent:l,async builder(){let{openBuilder:c}=await import("./builder-VUGVXLXB.js");return c({directory:process.cwd(),env:process.env,agent:l})},async slack(c){let{openSlack:d}=await import("./slack-36LQZA4H.js");return d(c,{api:t("SLACK_API_URL"),userAgent:o,clock:s})},async releasePages(c){let{openReleasePages:d}=await import("./github-releases-GWBR73LQ.js");return d(c,{api:t("GITHUB_API_URL"),userAgent:o})},async commitRecords(c){let{openCommitRecords:d}=await import("./github-records-EKZW76NC.js");return d(c,{api:t("GITHUB_API_URL"),userAgent:o})}}}n(Ar,"openWorld");async function Ke(){let r=We(j(),"dist/agent.js");try{return{digest:Je("sha256").update(await Ve(r)).digest("hex"),file:r,bootstrap:D}}catch(t){let e=`The agent that machines run is missing: ${r}. It comes with every release; \`npm run build\` makes it from sources.`;throw new C(e,P.unknown,{cause:t})}}n(Ke,"readAgent");function Xe(r){let t;return()=>(t??=r(),t)}n(Xe,"once");export{Ar as a};
