import{createRequire as mayflyRequire}from'node:module';const require=mayflyRequire(import.meta.url);
import{a as m,b as p,c as O,d as N}from"./chunk-KH5PUZYE.js";import{a as U,d as L,e as j}from"./chunk-JGKBS35R.js";import{a as S}from"./chunk-TA2APE2Q.js";import{a as M}from"./chunk-J4DWV2RO.js";import{a as R}from"./chunk-WH5K2BFV.js";import{c as F}from"./chunk-YOUJISGT.js";import{a as B,b as H}from"./chunk-HZNSCQPG.js";import{a as P,b as C,c as u,f as g}from"./chunk-MSD6HHRC.js";import{a as n}from"./chunk-HELUG43E.js";import{createHash as Ve}from"node:crypto";import{readFile as We}from"node:fs/promises";import{join as Ke}from"node:path";var D=`#!/bin/sh
# The startup script of every machine, always the same: what differs is in metadata attributes. It finds the agent, and
# a Node to run it with. Compute Engine runs it at every boot. It is also the program of every task of a job of Google Cloud
# Batch, whose machines have no attributes of ours: there, the same values are variables.
set -u

# A driver of local machines says where the metadata server is, and gives each machine a home of its own.
if [ -n "\${GCE_METADATA_HOST:-}" ]; then
  root="\${HOME:?}/mayfly"
else
  root=/var/lib/mayfly
fi
engine_name=\${MAYFLY_ENGINE:-vm}
shared=$root
# A machine does one task after another, and nothing of one is left for the next.
if [ "$engine_name" = cloud-batch ]; then
  root="$root/task-\${BATCH_TASK_INDEX:?}"
  rm -rf "$root"
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
  if [ "$engine_name" = cloud-batch ]; then
    case $1 in
      mayfly-agent) echo "$MAYFLY_AGENT" ;;
      mayfly-bucket) echo "$MAYFLY_BUCKET" ;;
    esac
    return
  fi
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
# The tasks before this one may have left it.
cp "$shared/agent-$digest.mjs" "$agent" 2>/dev/null || fetch_agent "$digest" "$agent" || give_up "get the agent $digest: $(last_words)"
found=$(digest_of "$agent")
[ "$found" = "$digest" ] || give_up "use the agent: its sha256 is $found, and $digest was expected"
if [ "$engine_name" = cloud-batch ]; then
  cp "$agent" "$shared/agent-$digest.new" && mv "$shared/agent-$digest.new" "$shared/agent-$digest.mjs"
fi

umask 022
# The machine's memory is the steps': garbage is collected early, instead of after some 300 MB of ten thousand uploads.
thrift=--max-semi-space-size=2
# The agent keeps to short lines on standard output, which is the console again.
if [ -n "$node" ]; then
  exec "$node" "$thrift" "$agent" "$root" >&3
fi

engine=$(find_engine)
[ -n "$engine" ] || give_up 'run the agent: this image has neither Node 20 or newer nor a container engine that answers'
set -- --network host --volume "$root:$root"
socket=/var/run/docker.sock
client=$(command -v docker) && [ -S "$socket" ] &&
  set -- "$@" --volume "$socket:$socket" --volume "$client:/usr/bin/docker:ro"
for name in GCE_METADATA_HOST STORAGE_EMULATOR_HOST CLOUDSDK_API_ENDPOINT_OVERRIDES_COMPUTE MAYFLY_MACHINE \\
  MAYFLY_ENGINE MAYFLY_BUCKET MAYFLY_RUN MAYFLY_ATTEMPT BATCH_TASK_INDEX; do
  set -- "$@" --env "$name"
done
say "no Node here: the agent runs in $node_image"
# shellcheck disable=SC2086 # command lines
exec $engine run --rm \${MAYFLY_CONTAINER_FLAGS:-} "$@" "$node_image" node "$thrift" "$agent" "$root" >&3
`;import{setTimeout as me}from"node:timers/promises";var Y=2e3;function z(){let r=0;return{now:n(()=>Date.now()+r,"now"),sleep:n((t,e)=>me(t,void 0,e?{signal:e}:{}).catch(()=>{}),"sleep"),learn(t){let e=Date.parse(t??"")-Date.now();Math.abs(e-r)>Y&&(r=Math.abs(e)>Y?e:0)}}}n(z,"openCloudClock");import{readFile as ue}from"node:fs/promises";import{resolve as pe}from"node:path";function J(r){return{async read(t){try{return await ue(pe(r,t),"utf8")}catch(e){let{code:o,message:i}=e;if(o==="ENOENT")return;throw new u([{where:t,message:`cannot be read: ${i}.`}],{cause:e})}}}}n(J,"openFiles");import{createHash as Oe}from"node:crypto";import{createWriteStream as Ne}from"node:fs";import{mkdir as Me,mkdtemp as Fe,rm as Ue,writeFile as ae}from"node:fs/promises";import{tmpdir as Le}from"node:os";import{join as $}from"node:path";import{pipeline as je}from"node:stream/promises";var he={"core.abbrev":"40","core.attributesFile":"/dev/null","core.autocrlf":"false","core.bigFileThreshold":"32m","core.eol":"lf","tar.umask":"0002"};function V(r){let t={...r,LC_ALL:"C",GIT_TERMINAL_PROMPT:"0",GIT_NO_REPLACE_OBJECTS:"1"};return K(t,{"safe.directory":"*"})}n(V,"openEnvironment");function W(r,t,e){let o=Object.entries(r).filter(([a])=>!a.startsWith("GIT_")),i={...Object.fromEntries(o),LC_ALL:"C",GIT_DIR:t,GIT_CONFIG_NOSYSTEM:"1",GIT_CONFIG_GLOBAL:"/dev/null",GIT_ATTR_NOSYSTEM:"1",GIT_OBJECT_DIRECTORY:e};return K(i,he)}n(W,"isolateEnvironment");function K(r,t){let e=Number(r.GIT_CONFIG_COUNT??0),o=Object.entries(t),i=o.flatMap(([a,s],l)=>[[`GIT_CONFIG_KEY_${e+l}`,a],[`GIT_CONFIG_VALUE_${e+l}`,s]]);return{...r,...Object.fromEntries(i),GIT_CONFIG_COUNT:String(e+o.length)}}n(K,"addSettings");import{availableParallelism as ye}from"node:os";import{promisify as ge}from"node:util";import{constants as we,gzip as $e}from"node:zlib";var x=1<<18;async function*X(r){let t=ye()+1,e=[];try{for await(let o of Ae(r)){let i=be(o);i.catch(()=>{}),e.push(i),e.length>=t&&(yield await e.shift())}for(let o of e)yield await o}finally{await Promise.allSettled(e)}}n(X,"compress");function be(r){let t={level:we.Z_DEFAULT_COMPRESSION,chunkSize:r.length+(r.length>>6)+64};return ge($e)(r,t)}n(be,"compressBlock");async function*Ae(r){let t=Buffer.allocUnsafe(x),e=0;for await(let o of r)for(let i=0;i<o.length;){let a=o.subarray(i,i+x-e);t.set(a,e),i+=a.length,e+=a.length,!(e<x)&&(yield t,t=Buffer.allocUnsafe(x),e=0)}e>0&&(yield t.subarray(0,e))}n(Ae,"inBlocks");import{join as Ge}from"node:path";import{basename as G,dirname as ve}from"node:path";async function y(r){let t=["--show-object-format","--is-shallow-repository","--git-path","objects"];try{let e=await m(r,"rev-parse","--path-format=absolute",...t),[o="",i,...a]=e.split(`
`);return{objectFormat:o,shallow:i==="true",objects:a.join(`
`)}}catch(e){if(!(e instanceof g))throw e;let o=`expected a git repository, and git finds none (${e.output}). Check the code out before this step, or go to its directory.`;throw new u([{where:r.directory,message:o}],{cause:e})}}n(y,"findRepository");async function q(r){let t=await p(r,"config","--get","remote.origin.url");return(t&&N(t))??Ee(r)}n(q,"nameRepository");async function Ee(r){let t=await m(r,"rev-parse","--path-format=absolute","--git-common-dir");return G(t)===".git"?G(ve(t)):G(t,".git")}n(Ee,"nameDirectory");async function w(r,t){return p(r,"rev-parse","--verify","--quiet","--end-of-options",`${t}^{commit}`)}n(w,"findCommit");async function Z(r){return await p(r,"config","--get-regexp","^remote\\..*\\.promisor$")!==void 0}n(Z,"isPartial");import{existsSync as _e}from"node:fs";import{join as ke}from"node:path";async function ee(r,t){return(await m(r,"ls-tree","-r","-z","--full-tree",t)).split("\0").flatMap(o=>{let[,i,a]=/^160000 commit ([0-9a-f]+)\t(.+)$/s.exec(o)??[];return i===void 0||a===void 0?[]:[{commit:i,path:a}]})}n(ee,"listGitlinks");async function te(r,{path:t,commit:e}){if(!_e(ke(r.directory,".git")))throw Q(t,"it is not initialised");if(await w(r,e)===void 0)throw Q(t,`its clone has no commit ${e}`);return y(r)}n(te,"findSubmodule");function Q(r,t){let e="Get it before this step: `submodules: recursive` with actions/checkout, `recursive: true` with a clone plugin, or `git submodule update --init --recursive`.";return new u([{where:`submodule ${r}`,message:`${t}. ${e}`}])}n(Q,"refuse");async function*re(r,t){let e=Te(t),o=!1;for await(let i of Pe(r)){if(o)continue;let a=e(i);o=a<i.length,a>0&&(yield i.subarray(0,a))}if(!o)throw new Error("The tar stops before its end.")}n(re,"readTar");function Te(r){let t=0,e,o=new Map,i=n(({type:s,path:l,size:c})=>{t=Math.ceil(Number(o.get("size")??c)/512)*512,s==="x"&&(e=[]),!(s==="x"||s==="g")&&(r({path:o.get("path")??l,directory:s==="5"}),o=new Map)},"begin"),a=n(s=>{t-=s.length,e?.push(s),!(t>0||!e)&&(o=xe(Buffer.concat(e)),e=void 0)},"pass");return s=>{let l=0;for(;l<s.length;){if(t===0&&s[l]===0)return l;let c=s.subarray(l,l+(t||512));t===0?i(Ce(c)):a(c),l+=c.length}return l}}n(Te,"followEntries");function oe(r){return new Uint8Array(Math.ceil((r+2*512)/10240)*10240-r)}n(oe,"endTar");async function*Pe(r){let t=Buffer.alloc(0);for await(let e of r){let o=t.length===0?e:Buffer.concat([t,e]),i=o.length-o.length%512;t=Buffer.from(o.subarray(i)),i>0&&(yield o.subarray(0,i))}if(t.length>0)throw new Error("The tar stops in the middle of a block.")}n(Pe,"inBlocks");function Ce(r){let t=n((o,i)=>{let a=Buffer.from(r.buffer,r.byteOffset+o,i),s=a.indexOf(0);return a.toString("utf8",0,s<0?i:s)},"text"),e=t(345,155);return{type:t(156,1),path:e===""?t(0,100):`${e}/${t(0,100)}`,size:Number.parseInt(t(124,12),8)}}n(Ce,"readHeader");function xe(r){let t=new Map;for(let e=0;e<r.length&&r[e]!==0;){let o=r.indexOf(" ",e),i=e+Number(r.toString("latin1",e,o)),[a="",...s]=r.toString("utf8",o+1,i-1).split("=");t.set(a,s.join("=")),e=i}return t}n(xe,"readRecords");async function*ne(r,t,e){let o=0;for await(let i of ie(r,t,e))o+=i.length,yield i;yield oe(o)}n(ne,"makeTar");async function*ie(r,t,e){let{clone:o,objects:i,commit:a,prefix:s}=r,l=t.isolate(i),c=new Set,d=n(({path:f,directory:h})=>{h?c.add(f):e.files++},"note"),A=Se(l,r);A.catch(()=>{});try{yield*Ie(l,r,t.signal,d),e.lfs.push(...await A)}catch(f){throw f instanceof g&&await Z(o)?Re(r,f):f}if(t.submodules)for(let f of await ee(l,a)){let h=`${s}${f.path}`;if(!c.has(`${h}/`))continue;let v={...o,directory:Ge(o.directory,f.path)},k=await te(v,{path:h,commit:f.commit}),E={clone:v,objects:k.objects,commit:f.commit,prefix:`${h}/`};yield*ie(E,t,e)}}n(ie,"readPart");function Ie(r,{commit:t,prefix:e},o,i){let a=e===""?[]:[`--prefix=${e}`];return re(O(r,["archive","--format=tar",...a,t],o),i)}n(Ie,"readTree");async function Se(r,{commit:t,prefix:e}){let o=["-E","-e","^[^#].*[[:space:]]filter=lfs"],i=["--",":(glob)**/.gitattributes"];return((await p(r,"grep","-z","--name-only",...o,t,...i))?.split("\0").filter(l=>l!=="")??[]).map(l=>`${e}${l.slice(t.length+1)}`)}n(Se,"listLfsAttributes");function Re({clone:r,commit:t},e){let o=`the clone is partial, and not all files of commit ${t} are in it. Get them before this step: no \`filter\` and no \`sparse-checkout\` with actions/checkout, \`partial: false\` with Woodpecker's clone plugin, or \`git fetch --refetch --no-filter\`.`;return new u([{where:r.directory,message:o}],{cause:e})}n(Re,"refusePartial");async function se(r,t,e){let o=await Fe($(r.env.TMPDIR||Le(),"mayfly-archive-")),i=n(()=>Ue(o,{recursive:!0,force:!0}),"remove");try{return{...await Be(o,r,t,e),[Symbol.asyncDispose]:i}}catch(a){throw await i(),a}}n(se,"makeArchive");async function Be(r,t,e,o){let{submodules:i,signal:a}=o,{env:s}=t,{objects:l,objectFormat:c}=await y(t),d=i?await m(t,"rev-parse","--show-toplevel"):t.directory,A=$(r,"repository.git");await He(A,c);let f=n(_=>({env:W(s,A,_)}),"isolate"),h={clone:{env:s,directory:d},objects:l,commit:e,prefix:""},v={files:0,lfs:[]},k=Oe("sha256"),E=0;async function*I(){for await(let _ of ne(h,{isolate:f,submodules:i,signal:a},v))k.update(_),E+=_.length,o.onProgress?.(E),yield _}n(I,"watchTar");let T=o.digestOnly?void 0:$(r,"archive.tar.gz"),de=T===void 0?await De(I()):await Ye(I(),T);return a?.throwIfAborted(),{...T!==void 0&&{file:T},digest:k.digest("hex"),size:E,...de,...v}}n(Be,"fillWorkspace");async function He(r,t){await Promise.all(["objects","refs"].map(a=>Me($(r,a),{recursive:!0})));let e=t==="sha1"?0:1,o=t==="sha1"?"":`[extensions]
	objectFormat = ${t}
`,i=`[core]
	repositoryFormatVersion = ${e}
	bare = true
${o}`;await Promise.all([ae($(r,"HEAD"),`ref: refs/heads/none
`),ae($(r,"config"),i)])}n(He,"makeBareRepository");async function De(r){for await(let t of r);return{compressedSize:0,crc32c:""}}n(De,"drain");async function Ye(r,t){let e=R(),o=0;async function*i(a){for await(let s of a)e.update(s),o+=s.length,yield s}n(i,"check");try{await je(r,X,i,Ne(t))}catch(a){if(!(a instanceof Error&&"syscall"in a))throw a;let s=`The archive could not be written to ${t} (${a.message}). TMPDIR decides where it goes.`;throw new C(s,P.unknown,{cause:a})}return{compressedSize:o,crc32c:e.digest()}}n(Ye,"pack");function ce(r,t){let e={directory:r,env:V(t)},o=n(async(...i)=>(await m(e,"for-each-ref","--format=%(refname:strip=2)",...i,"refs/tags")).split(`
`).filter(s=>s!==""),"listTags");return{repository:n(()=>b(e,()=>q(e)),"repository"),tag:n(i=>b(e,()=>ze(e,i)),"tag"),tags:n(()=>b(e,()=>o()),"tags"),tagsAtHead:n(()=>b(e,async()=>{let i=await w(e,"HEAD");return i===void 0?[]:o(`--points-at=${i}`)}),"tagsAtHead"),async isShallow(){return(await y(e)).shallow},changes:n(i=>b(e,async()=>(await m(e,"diff","--name-only","-z",i,"--")).split("\0").filter(s=>s!=="")),"changes"),commit:n(i=>b(e,()=>w(e,i)),"commit"),archive:n((i,a)=>se(e,i,a),"archive")}}n(ce,"openGit");async function b(r,t){try{return await t()}catch(e){throw e instanceof g&&await y(r),e}}n(b,"inRepository");async function ze(r,t){if(S(t)!==void 0)return;let e=`refs/tags/${t}`,o=await w(r,e);if(o!==void 0)return{name:t,commit:o};if(await p(r,"show-ref","--verify","--quiet",e)!==void 0)return{name:t,commit:await m(r,"rev-parse","--verify",`${e}^{commit}`)}}n(ze,"findTag");var Je="metadata.google.internal,169.254.169.254";function le(r){let t=r("HTTPS_PROXY")||r("https_proxy");if(!t||r("NODE_USE_ENV_PROXY")==="1")return!0;let e=process.getBuiltinModule?.("node:http");if(!e?.setGlobalProxyFromEnv)return!1;let o=[r("NO_PROXY")||r("no_proxy"),Je].filter(Boolean).join(",");return e.setGlobalProxyFromEnv({https_proxy:t,no_proxy:o}),!0}n(le,"useProxy");function vr(r){let t=n(c=>r.env(c),"env"),e=L(t);r.log.info(e.line),!e.local&&!le(t)&&r.log.warn("HTTPS_PROXY is set, but only Node 24.14 and later use it.");let o=`mayfly/${H()}`,i=e.local?M:U(t,o),a=z(),s=F({tokens:i,userAgent:o,onDate:a.learn}),l=qe(Xe);return{clock:a,git:ce(process.cwd(),process.env),files:J(process.cwd()),async objects(c){let{openObjects:d}=await import("./storage-TH4BETO5.js");return globalThis.Headers,d(c,{endpoint:e.storage,transport:s})},async compute(c){let{openCompute:d}=await import("./compute-4RTIA4FE.js");return d(c,{endpoint:e.compute,transport:s})},async images(c){let{openImages:d}=await import("./image-store-KCVSRJ32.js");return d(c,{endpoint:e.compute,transport:s})},async fleet(c){let{openFleet:d}=await import("./fleet-OH755FTD.js");return d(c,{endpoint:e.compute,transport:s})},async batchJobs(c){let{openBatchJobs:d}=await import("./batch-jobs-E3QYP33M.js");return d(c,{endpoint:j(e,"batch"),transport:s})},async survey(c){let{openSurvey:d}=await import("./survey-6Y4KJ4YD.js");return d(c,{env:t,endpoints:e,tokens:i,userAgent:o})},agent:l,async builder(){let{openBuilder:c}=await import("./builder-7H32YE3I.js");return c({directory:process.cwd(),env:process.env,agent:l})},async slack(c){let{openSlack:d}=await import("./slack-36LQZA4H.js");return d(c,{api:t("SLACK_API_URL"),userAgent:o,clock:a})},async releasePages(c){let{openReleasePages:d}=await import("./github-releases-GWBR73LQ.js");return d(c,{api:t("GITHUB_API_URL"),userAgent:o})},async commitRecords(c){let{openCommitRecords:d}=await import("./github-records-EKZW76NC.js");return d(c,{api:t("GITHUB_API_URL"),userAgent:o})}}}n(vr,"openWorld");async function Xe(){let r=Ke(B(),"dist/agent.js");try{return{digest:Ve("sha256").update(await We(r)).digest("hex"),file:r,bootstrap:D}}catch(t){let e=`The agent that machines run is missing: ${r}. It comes with every release; \`npm run build\` makes it from sources.`;throw new C(e,P.unknown,{cause:t})}}n(Xe,"readAgent");function qe(r){let t;return()=>(t??=r(),t)}n(qe,"once");export{vr as a};
