import{createRequire as mayflyRequire}from'node:module';const require=mayflyRequire(import.meta.url);
import{a as R}from"./chunk-C2YRLGJ6.js";import{a as N}from"./chunk-WH5K2BFV.js";import{a as M,c as L}from"./chunk-D6HNMATY.js";import{a as U,c as F}from"./chunk-FQ5EDLUG.js";import{a as j,b as H}from"./chunk-HZNSCQPG.js";import{a as b,b as $,c as p,f as y}from"./chunk-UO4VZDU4.js";import{a as o}from"./chunk-HELUG43E.js";import{createHash as Ke}from"node:crypto";import{readFile as Xe}from"node:fs/promises";import{join as qe}from"node:path";var D=`#!/bin/sh
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
`;import{setTimeout as me}from"node:timers/promises";var B=2e3;function z(){let r=0;return{now:o(()=>Date.now()+r,"now"),sleep:o((t,e)=>me(t,void 0,e?{signal:e}:{}).catch(()=>{}),"sleep"),learn(t){let e=Date.parse(t??"")-Date.now();Math.abs(e-r)>B&&(r=Math.abs(e)>B?e:0)}}}o(z,"openCloudClock");import{readFile as ue}from"node:fs/promises";import{resolve as pe}from"node:path";function J(r){return{async read(t){try{return await ue(pe(r,t),"utf8")}catch(e){let{code:n,message:i}=e;if(n==="ENOENT")return;throw new p([{where:t,message:`cannot be read: ${i}.`}],{cause:e})}}}}o(J,"openFiles");import{createHash as Ue}from"node:crypto";import{createWriteStream as Fe}from"node:fs";import{mkdir as Me,mkdtemp as Le,rm as je,writeFile as se}from"node:fs/promises";import{tmpdir as He}from"node:os";import{join as v}from"node:path";import{pipeline as De}from"node:stream/promises";import{spawn as ye}from"node:child_process";import{once as ge}from"node:events";async function m(r,...t){let e=[];for await(let n of G(r,t))e.push(n);return Buffer.concat(e).toString().replace(/\n$/,"")}o(m,"askGit");async function g(r,...t){try{return await m(r,...t)}catch(e){if(e instanceof C&&e.gitCode===1)return;throw e}}o(g,"seekGit");async function*G({directory:r,env:t},e,n){n?.throwIfAborted();let s=ye("git",[...r===void 0?[]:["-C",r],...e],{env:t,stdio:["ignore","pipe","pipe"]}),a=o(()=>{s.kill()},"stop");n?.addEventListener("abort",a);let l="";s.stderr.setEncoding("utf8").on("data",d=>{l+=d});let c=ge(s,"close");c.catch(()=>{});try{yield*s.stdout;let[d,u]=await c;if(n?.throwIfAborted(),d!==0)throw new C(e,l.trim(),d,u)}catch(d){if(d.code!=="ENOENT")throw d;let u="git was not found on the PATH. Install it, or add it to the PATH.";throw new $(u,b.unknown,{cause:d})}finally{n?.removeEventListener("abort",a),s.exitCode===null&&s.kill()}}o(G,"streamGit");var C=class extends y{static{o(this,"GitError")}gitCode;constructor(t,e,n,i){let s=i===null?`exit code ${n}`:`signal ${i}`,a=e===""?"":`: ${e.slice(-1e3)}`;super(`git ${t.join(" ")}`,e,`git ${t[0]} ended with ${s}${a}`),this.gitCode=n}};var he={"core.abbrev":"40","core.attributesFile":"/dev/null","core.autocrlf":"false","core.bigFileThreshold":"32m","core.eol":"lf","tar.umask":"0002"};function Y(r){let t={...r,LC_ALL:"C",GIT_TERMINAL_PROMPT:"0",GIT_NO_REPLACE_OBJECTS:"1"};return W(t,{"safe.directory":"*"})}o(Y,"openEnvironment");function V(r,t,e){let n=Object.entries(r).filter(([s])=>!s.startsWith("GIT_")),i={...Object.fromEntries(n),LC_ALL:"C",GIT_DIR:t,GIT_CONFIG_NOSYSTEM:"1",GIT_CONFIG_GLOBAL:"/dev/null",GIT_ATTR_NOSYSTEM:"1",GIT_OBJECT_DIRECTORY:e};return W(i,he)}o(V,"isolateEnvironment");function W(r,t){let e=Number(r.GIT_CONFIG_COUNT??0),n=Object.entries(t),i=n.flatMap(([s,a],l)=>[[`GIT_CONFIG_KEY_${e+l}`,s],[`GIT_CONFIG_VALUE_${e+l}`,a]]);return{...r,...Object.fromEntries(i),GIT_CONFIG_COUNT:String(e+n.length)}}o(W,"addSettings");import{availableParallelism as we}from"node:os";import{promisify as be}from"node:util";import{constants as $e,gzip as Ae}from"node:zlib";var S=1<<18;async function*K(r){let t=we()+1,e=[];try{for await(let n of Ee(r)){let i=ve(n);i.catch(()=>{}),e.push(i),e.length>=t&&(yield await e.shift())}for(let n of e)yield await n}finally{await Promise.allSettled(e)}}o(K,"compress");function ve(r){let t={level:$e.Z_DEFAULT_COMPRESSION,chunkSize:r.length+(r.length>>6)+64};return be(Ae)(r,t)}o(ve,"compressBlock");async function*Ee(r){let t=Buffer.allocUnsafe(S),e=0;for await(let n of r)for(let i=0;i<n.length;){let s=n.subarray(i,i+S-e);t.set(s,e),i+=s.length,e+=s.length,!(e<S)&&(yield t,t=Buffer.allocUnsafe(S),e=0)}e>0&&(yield t.subarray(0,e))}o(Ee,"inBlocks");import{join as Ie}from"node:path";import{basename as I,dirname as ke}from"node:path";function X(r){let t=r.replace(/^([a-z][a-z0-9+.-]*:\/\/[^/]*|[^/]*:)/i,"").replace(/\/+$/,"").replace(/\.git$/,"").split("/").filter(e=>e!=="");return t.length===0?void 0:t.slice(-2).join("/")}o(X,"nameRemote");async function w(r){let t=["--show-object-format","--is-shallow-repository","--git-path","objects"];try{let e=await m(r,"rev-parse","--path-format=absolute",...t),[n="",i,...s]=e.split(`
`);return{objectFormat:n,shallow:i==="true",objects:s.join(`
`)}}catch(e){if(!(e instanceof y))throw e;let n=`expected a git repository, and git finds none (${e.output}). Check the code out before this step, or go to its directory.`;throw new p([{where:r.directory,message:n}],{cause:e})}}o(w,"findRepository");async function q(r){let t=await g(r,"config","--get","remote.origin.url");return(t&&X(t))??_e(r)}o(q,"nameRepository");async function _e(r){let t=await m(r,"rev-parse","--path-format=absolute","--git-common-dir");return I(t)===".git"?I(ke(t)):I(t,".git")}o(_e,"nameDirectory");async function A(r,t){return g(r,"rev-parse","--verify","--quiet","--end-of-options",`${t}^{commit}`)}o(A,"findCommit");async function Z(r){return await g(r,"config","--get-regexp","^remote\\..*\\.promisor$")!==void 0}o(Z,"isPartial");import{existsSync as Te}from"node:fs";import{join as Pe}from"node:path";async function ee(r,t){return(await m(r,"ls-tree","-r","-z","--full-tree",t)).split("\0").flatMap(n=>{let[,i,s]=/^160000 commit ([0-9a-f]+)\t(.+)$/s.exec(n)??[];return i===void 0||s===void 0?[]:[{commit:i,path:s}]})}o(ee,"listGitlinks");async function te(r,{path:t,commit:e}){if(!Te(Pe(r.directory,".git")))throw Q(t,"it is not initialised");if(await A(r,e)===void 0)throw Q(t,`its clone has no commit ${e}`);return w(r)}o(te,"findSubmodule");function Q(r,t){let e="Get it before this step: `submodules: recursive` with actions/checkout, `recursive: true` with a clone plugin, or `git submodule update --init --recursive`.";return new p([{where:`submodule ${r}`,message:`${t}. ${e}`}])}o(Q,"refuse");async function*re(r,t){let e=xe(t),n=!1;for await(let i of Ce(r)){if(n)continue;let s=e(i);n=s<i.length,s>0&&(yield i.subarray(0,s))}if(!n)throw new Error("The tar stops before its end.")}o(re,"readTar");function xe(r){let t=0,e,n=new Map,i=o(({type:a,path:l,size:c})=>{t=Math.ceil(Number(n.get("size")??c)/512)*512,a==="x"&&(e=[]),!(a==="x"||a==="g")&&(r({path:n.get("path")??l,directory:a==="5"}),n=new Map)},"begin"),s=o(a=>{t-=a.length,e?.push(a),!(t>0||!e)&&(n=Ge(Buffer.concat(e)),e=void 0)},"pass");return a=>{let l=0;for(;l<a.length;){if(t===0&&a[l]===0)return l;let c=a.subarray(l,l+(t||512));t===0?i(Se(c)):s(c),l+=c.length}return l}}o(xe,"followEntries");function ne(r){return new Uint8Array(Math.ceil((r+2*512)/10240)*10240-r)}o(ne,"endTar");async function*Ce(r){let t=Buffer.alloc(0);for await(let e of r){let n=t.length===0?e:Buffer.concat([t,e]),i=n.length-n.length%512;t=Buffer.from(n.subarray(i)),i>0&&(yield n.subarray(0,i))}if(t.length>0)throw new Error("The tar stops in the middle of a block.")}o(Ce,"inBlocks");function Se(r){let t=o((n,i)=>{let s=Buffer.from(r.buffer,r.byteOffset+n,i),a=s.indexOf(0);return s.toString("utf8",0,a<0?i:a)},"text"),e=t(345,155);return{type:t(156,1),path:e===""?t(0,100):`${e}/${t(0,100)}`,size:Number.parseInt(t(124,12),8)}}o(Se,"readHeader");function Ge(r){let t=new Map;for(let e=0;e<r.length&&r[e]!==0;){let n=r.indexOf(" ",e),i=e+Number(r.toString("latin1",e,n)),[s="",...a]=r.toString("utf8",n+1,i-1).split("=");t.set(s,a.join("=")),e=i}return t}o(Ge,"readRecords");async function*oe(r,t,e){let n=0;for await(let i of ie(r,t,e))n+=i.length,yield i;yield ne(n)}o(oe,"makeTar");async function*ie(r,t,e){let{clone:n,objects:i,commit:s,prefix:a}=r,l=t.isolate(i),c=new Set,d=o(({path:f,directory:h})=>{h?c.add(f):e.files++},"note"),u=Re(l,r);u.catch(()=>{});try{yield*Oe(l,r,t.signal,d),e.lfs.push(...await u)}catch(f){throw f instanceof y&&await Z(n)?Ne(r,f):f}if(t.submodules)for(let f of await ee(l,s)){let h=`${a}${f.path}`;if(!c.has(`${h}/`))continue;let k={...n,directory:Ie(n.directory,f.path)},P=await te(k,{path:h,commit:f.commit}),_={clone:k,objects:P.objects,commit:f.commit,prefix:`${h}/`};yield*ie(_,t,e)}}o(ie,"readPart");function Oe(r,{commit:t,prefix:e},n,i){let s=e===""?[]:[`--prefix=${e}`];return re(G(r,["archive","--format=tar",...s,t],n),i)}o(Oe,"readTree");async function Re(r,{commit:t,prefix:e}){let n=["-E","-e","^[^#].*[[:space:]]filter=lfs"],i=["--",":(glob)**/.gitattributes"];return((await g(r,"grep","-z","--name-only",...n,t,...i))?.split("\0").filter(l=>l!=="")??[]).map(l=>`${e}${l.slice(t.length+1)}`)}o(Re,"listLfsAttributes");function Ne({clone:r,commit:t},e){let n=`the clone is partial, and not all files of commit ${t} are in it. Get them before this step: no \`filter\` and no \`sparse-checkout\` with actions/checkout, \`partial: false\` with Woodpecker's clone plugin, or \`git fetch --refetch --no-filter\`.`;return new p([{where:r.directory,message:n}],{cause:e})}o(Ne,"refusePartial");async function ae(r,t,e){let n=await Le(v(r.env.TMPDIR||He(),"mayfly-archive-")),i=o(()=>je(n,{recursive:!0,force:!0}),"remove");try{return{...await Be(n,r,t,e),[Symbol.asyncDispose]:i}}catch(s){throw await i(),s}}o(ae,"makeArchive");async function Be(r,t,e,n){let{submodules:i,signal:s}=n,{env:a}=t,{objects:l,objectFormat:c}=await w(t),d=i?await m(t,"rev-parse","--show-toplevel"):t.directory,u=v(r,"repository.git");await ze(u,c);let f=o(T=>({env:V(a,u,T)}),"isolate"),h={clone:{env:a,directory:d},objects:l,commit:e,prefix:""},k={files:0,lfs:[]},P=Ue("sha256"),_=0;async function*O(){for await(let T of oe(h,{isolate:f,submodules:i,signal:s},k))P.update(T),_+=T.length,n.onProgress?.(_),yield T}o(O,"watchTar");let x=n.digestOnly?void 0:v(r,"archive.tar.gz"),de=x===void 0?await Je(O()):await Ye(O(),x);return s?.throwIfAborted(),{...x!==void 0&&{file:x},digest:P.digest("hex"),size:_,...de,...k}}o(Be,"fillWorkspace");async function ze(r,t){await Promise.all(["objects","refs"].map(s=>Me(v(r,s),{recursive:!0})));let e=t==="sha1"?0:1,n=t==="sha1"?"":`[extensions]
	objectFormat = ${t}
`,i=`[core]
	repositoryFormatVersion = ${e}
	bare = true
${n}`;await Promise.all([se(v(r,"HEAD"),`ref: refs/heads/none
`),se(v(r,"config"),i)])}o(ze,"makeBareRepository");async function Je(r){for await(let t of r);return{compressedSize:0,crc32c:""}}o(Je,"drain");async function Ye(r,t){let e=N(),n=0;async function*i(s){for await(let a of s)e.update(a),n+=a.length,yield a}o(i,"check");try{await De(r,K,i,Fe(t))}catch(s){if(!(s instanceof Error&&"syscall"in s))throw s;let a=`The archive could not be written to ${t} (${s.message}). TMPDIR decides where it goes.`;throw new $(a,b.unknown,{cause:s})}return{compressedSize:n,crc32c:e.digest()}}o(Ye,"pack");function ce(r,t){let e={directory:r,env:Y(t)},n=o(async(...i)=>(await m(e,"for-each-ref","--format=%(refname:strip=2)",...i,"refs/tags")).split(`
`).filter(a=>a!==""),"listTags");return{repository:o(()=>E(e,()=>q(e)),"repository"),tag:o(i=>E(e,()=>Ve(e,i)),"tag"),tags:o(()=>E(e,()=>n()),"tags"),tagsAtHead:o(()=>E(e,async()=>{let i=await A(e,"HEAD");return i===void 0?[]:n(`--points-at=${i}`)}),"tagsAtHead"),async isShallow(){return(await w(e)).shallow},changes:o(i=>E(e,async()=>(await m(e,"diff","--name-only","-z",i,"--")).split("\0").filter(a=>a!=="")),"changes"),commit:o(i=>E(e,()=>A(e,i)),"commit"),archive:o((i,s)=>ae(e,i,s),"archive")}}o(ce,"openGit");async function E(r,t){try{return await t()}catch(e){throw e instanceof y&&await w(r),e}}o(E,"inRepository");async function Ve(r,t){if(R(t)!==void 0)return;let e=`refs/tags/${t}`,n=await A(r,e);if(n!==void 0)return{name:t,commit:n};if(await g(r,"show-ref","--verify","--quiet",e)!==void 0)return{name:t,commit:await m(r,"rev-parse","--verify",`${e}^{commit}`)}}o(Ve,"findTag");var We="metadata.google.internal,169.254.169.254";function le(r){let t=r("HTTPS_PROXY")||r("https_proxy");if(!t||r("NODE_USE_ENV_PROXY")==="1")return!0;let e=process.getBuiltinModule?.("node:http");if(!e?.setGlobalProxyFromEnv)return!1;let n=[r("NO_PROXY")||r("no_proxy"),We].filter(Boolean).join(",");return e.setGlobalProxyFromEnv({https_proxy:t,no_proxy:n}),!0}o(le,"useProxy");function Gr(r){let t=o(c=>r.env(c),"env"),e=L(t);r.log.info(e.line),!e.local&&!le(t)&&r.log.warn("HTTPS_PROXY is set, but only Node 24.14 and later use it.");let n=`mayfly/${H()}`,i=e.local?U:M(t,n),s=z(),a=F({tokens:i,userAgent:n,onDate:s.learn}),l=Qe(Ze);return{clock:s,git:ce(process.cwd(),process.env),files:J(process.cwd()),async objects(c){let{openObjects:d}=await import("./storage-OEQYX5AV.js");return globalThis.Headers,d(c,{endpoint:e.storage,transport:a})},async compute(c){let{openCompute:d}=await import("./compute-RUAHBZIP.js");return d(c,{endpoint:e.compute,transport:a})},async images(c){let{openImages:d}=await import("./image-store-YQL5GBYD.js");return d(c,{endpoint:e.compute,transport:a})},async fleet(c){let{openFleet:d}=await import("./fleet-4Z3GSWZF.js");return d(c,{endpoint:e.compute,transport:a})},async survey(c){let{openSurvey:d}=await import("./survey-XTYHHWQH.js");return d(c,{env:t,endpoints:e,tokens:i,userAgent:n})},agent:l,async builder(){let{openBuilder:c}=await import("./builder-DSDMHCPH.js");return c({directory:process.cwd(),env:process.env,agent:l})},async slack(c){let{openSlack:d}=await import("./slack-QHVBDK2M.js");return d(c,{api:t("SLACK_API_URL"),userAgent:n,clock:s})},async releasePages(c){let{openReleasePages:d}=await import("./github-releases-NAMFMUIZ.js");return d(c,{api:t("GITHUB_API_URL"),userAgent:n})}}}o(Gr,"openWorld");async function Ze(){let r=qe(j(),"dist/agent.js");try{return{digest:Ke("sha256").update(await Xe(r)).digest("hex"),file:r,bootstrap:D}}catch(t){let e=`The agent that machines run is missing: ${r}. It comes with every release; \`npm run build\` makes it from sources.`;throw new $(e,b.unknown,{cause:t})}}o(Ze,"readAgent");function Qe(r){let t;return()=>(t??=r(),t)}o(Qe,"once");export{Gr as a};
