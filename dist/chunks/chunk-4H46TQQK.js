import{createRequire as mayflyRequire}from'node:module';const require=mayflyRequire(import.meta.url);
import{a as j}from"./chunk-C2YRLGJ6.js";import{a as P,b as B,c as C}from"./chunk-DAFFVYXV.js";import{a as H}from"./chunk-WH5K2BFV.js";import{a as J,b as z}from"./chunk-HZNSCQPG.js";import{a as w,b as $,c as u,e as N,f as p}from"./chunk-UO4VZDU4.js";import{a as n}from"./chunk-HELUG43E.js";import{createHash as Xe}from"node:crypto";import{readFile as Qe}from"node:fs/promises";import{join as Ze}from"node:path";var Y=`#!/bin/sh
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
    printf 'header = "%s"\\n' "$3" | curl -sS --fail --location --max-time 300 --config - --output "$2" "$1"
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
`;import{setTimeout as ye}from"node:timers/promises";var V={now:n(()=>Date.now(),"now"),sleep:n((r,e)=>ye(r,void 0,e?{signal:e}:{}).catch(()=>{}),"sleep")};import{readFile as we}from"node:fs/promises";import{resolve as $e}from"node:path";function W(r){return{async read(e){try{return await we($e(r,e),"utf8")}catch(t){let{code:o,message:i}=t;if(o==="ENOENT")return;throw new u([{where:e,message:`cannot be read: ${i}.`}],{cause:t})}}}}n(W,"openFiles");import{createHash as Re}from"node:crypto";import{createWriteStream as Le}from"node:fs";import{mkdtemp as Me,rm as Fe}from"node:fs/promises";import{tmpdir as Ue}from"node:os";import{join as F}from"node:path";import{pipeline as De}from"node:stream/promises";import{createGzip as je}from"node:zlib";import{spawn as be}from"node:child_process";import{once as Ee}from"node:events";async function m(r,...e){let t=[];for await(let o of R(r,e))t.push(o);return Buffer.concat(t).toString().replace(/\n$/,"")}n(m,"askGit");async function g(r,...e){try{return await m(r,...e)}catch(t){if(t instanceof O&&t.gitCode===1)return;throw t}}n(g,"seekGit");async function*R({directory:r,env:e},t,o){o?.throwIfAborted();let s=be("git",[...r===void 0?[]:["-C",r],...t],{env:e,stdio:["ignore","pipe","pipe"]}),a=n(()=>{s.kill()},"stop");o?.addEventListener("abort",a);let c="";s.stderr.setEncoding("utf8").on("data",f=>{c+=f});let l=Ee(s,"close");l.catch(()=>{});try{yield*s.stdout;let[f,d]=await l;if(o?.throwIfAborted(),f!==0)throw new O(t,c.trim(),f,d)}catch(f){if(f.code!=="ENOENT")throw f;let d="git was not found on the PATH. Install it, or add it to the PATH.";throw new $(d,w.unknown,{cause:f})}finally{o?.removeEventListener("abort",a),s.exitCode===null&&s.kill()}}n(R,"streamGit");var O=class extends p{static{n(this,"GitError")}gitCode;constructor(e,t,o,i){let s=i===null?`exit code ${o}`:`signal ${i}`,a=t===""?"":`: ${t.slice(-1e3)}`;super(`git ${e.join(" ")}`,t,`git ${e[0]} ended with ${s}${a}`),this.gitCode=o}};var ke={"core.abbrev":"40","core.attributesFile":"/dev/null","core.autocrlf":"false","core.bigFileThreshold":"32m","core.eol":"lf","tar.umask":"0002"};function K(r){let e={...r,LC_ALL:"C",GIT_TERMINAL_PROMPT:"0",GIT_NO_REPLACE_OBJECTS:"1"};return q(e,{"safe.directory":"*"})}n(K,"openEnvironment");function L(r,e,t){let o=Object.entries(r).filter(([s])=>!s.startsWith("GIT_")),i={...Object.fromEntries(o),LC_ALL:"C",GIT_DIR:e,GIT_CONFIG_NOSYSTEM:"1",GIT_CONFIG_GLOBAL:"/dev/null",GIT_ATTR_NOSYSTEM:"1",...t!==void 0&&{GIT_OBJECT_DIRECTORY:t}};return q(i,ke)}n(L,"isolateEnvironment");function q(r,e){let t=Number(r.GIT_CONFIG_COUNT??0),o=Object.entries(e),i=o.flatMap(([s,a],c)=>[[`GIT_CONFIG_KEY_${t+c}`,s],[`GIT_CONFIG_VALUE_${t+c}`,a]]);return{...r,...Object.fromEntries(i),GIT_CONFIG_COUNT:String(t+o.length)}}n(q,"addSettings");import{join as xe}from"node:path";import{basename as M,dirname as Ae}from"node:path";function X(r){let e=r.replace(/^([a-z][a-z0-9+.-]*:\/\/[^/]*|[^/]*:)/i,"").replace(/\/+$/,"").replace(/\.git$/,"").split("/").filter(t=>t!=="");return e.length===0?void 0:e.slice(-2).join("/")}n(X,"nameRemote");async function y(r){let e=["--show-object-format","--is-shallow-repository","--git-path","objects"];try{let t=await m(r,"rev-parse","--path-format=absolute",...e),[o="",i,...s]=t.split(`
`);return{objectFormat:o,shallow:i==="true",objects:s.join(`
`)}}catch(t){if(!(t instanceof p))throw t;let o=`expected a git repository, and git finds none (${t.output}). Check the code out before this step, or go to its directory.`;throw new u([{where:r.directory,message:o}],{cause:t})}}n(y,"findRepository");async function Q(r){let e=await g(r,"config","--get","remote.origin.url");return(e&&X(e))??Te(r)}n(Q,"nameRepository");async function Te(r){let e=await m(r,"rev-parse","--path-format=absolute","--git-common-dir");return M(e)===".git"?M(Ae(e)):M(e,".git")}n(Te,"nameDirectory");async function b(r,e){return g(r,"rev-parse","--verify","--quiet","--end-of-options",`${e}^{commit}`)}n(b,"findCommit");async function Z(r){return await g(r,"config","--get-regexp","^remote\\..*\\.promisor$")!==void 0}n(Z,"isPartial");import{existsSync as _e}from"node:fs";import{join as ve}from"node:path";async function te(r,e){return(await m(r,"ls-tree","-r","-z","--full-tree",e)).split("\0").flatMap(o=>{let[,i,s]=/^160000 commit ([0-9a-f]+)\t(.+)$/s.exec(o)??[];return i===void 0||s===void 0?[]:[{commit:i,path:s}]})}n(te,"listGitlinks");async function re(r,{path:e,commit:t}){if(!_e(ve(r.directory,".git")))throw ee(e,"it is not initialised");if(await b(r,t)===void 0)throw ee(e,`its clone has no commit ${t}`);return y(r)}n(re,"findSubmodule");function ee(r,e){let t="Get it before this step: `submodules: recursive` with actions/checkout, `recursive: true` with a clone plugin, or `git submodule update --init --recursive`.";return new u([{where:`submodule ${r}`,message:`${e}. ${t}`}])}n(ee,"refuse");async function*oe(r,e){let t=Pe(e),o=!1;for await(let i of Ce(r)){if(o)continue;let s=t(i);o=s<i.length,s>0&&(yield i.subarray(0,s))}if(!o)throw new Error("The tar stops before its end.")}n(oe,"readTar");function Pe(r){let e=0,t,o=new Map,i=n(({type:a,path:c,size:l})=>{e=Math.ceil(Number(o.get("size")??l)/512)*512,a==="x"&&(t=[]),!(a==="x"||a==="g")&&(r({path:o.get("path")??c,directory:a==="5"}),o=new Map)},"begin"),s=n(a=>{e-=a.length,t?.push(a),!(e>0||!t)&&(o=Ge(Buffer.concat(t)),t=void 0)},"pass");return a=>{let c=0;for(;c<a.length;){if(e===0&&a[c]===0)return c;let l=a.subarray(c,c+(e||512));e===0?i(Oe(l)):s(l),c+=l.length}return c}}n(Pe,"followEntries");function ne(r){return new Uint8Array(Math.ceil((r+2*512)/10240)*10240-r)}n(ne,"endTar");async function*Ce(r){let e=Buffer.alloc(0);for await(let t of r){let o=e.length===0?t:Buffer.concat([e,t]),i=o.length-o.length%512;e=Buffer.from(o.subarray(i)),i>0&&(yield o.subarray(0,i))}if(e.length>0)throw new Error("The tar stops in the middle of a block.")}n(Ce,"inBlocks");function Oe(r){let e=n((o,i)=>{let s=Buffer.from(r.buffer,r.byteOffset+o,i),a=s.indexOf(0);return s.toString("utf8",0,a<0?i:a)},"text"),t=e(345,155);return{type:e(156,1),path:t===""?e(0,100):`${t}/${e(0,100)}`,size:Number.parseInt(e(124,12),8)}}n(Oe,"readHeader");function Ge(r){let e=new Map;for(let t=0;t<r.length&&r[t]!==0;){let o=r.indexOf(" ",t),i=t+Number(r.toString("latin1",t,o)),[s="",...a]=r.toString("utf8",o+1,i-1).split("=");e.set(s,a.join("=")),t=i}return e}n(Ge,"readRecords");async function*ie(r,e,t){let o=0;for await(let i of se(r,e,t))o+=i.length,yield i;yield ne(o)}n(ie,"makeTar");async function*se(r,e,t){let{clone:o,objects:i,commit:s,prefix:a}=r,c=e.isolate(i),l=new Set,f=n(({path:d,directory:h})=>{h?l.add(d):t.files++},"note");try{t.lfs.push(...await Ie(c,r)),yield*Se(c,r,e.signal,f)}catch(d){throw d instanceof p&&await Z(o)?Ne(r,d):d}if(e.submodules)for(let d of await te(c,s)){let h=`${a}${d.path}`;if(!l.has(`${h}/`))continue;let T={...o,directory:xe(o.directory,d.path)},S=await re(T,{path:h,commit:d.commit}),_={clone:T,objects:S.objects,commit:d.commit,prefix:`${h}/`};yield*se(_,e,t)}}n(se,"readPart");function Se(r,{commit:e,prefix:t},o,i){let s=t===""?[]:[`--prefix=${t}`];return oe(R(r,["archive","--format=tar",...s,e],o),i)}n(Se,"readTree");async function Ie(r,{commit:e,prefix:t}){let o=["-E","-e","^[^#].*[[:space:]]filter=lfs"],i=["--",":(glob)**/.gitattributes"];return((await g(r,"grep","-z","--name-only",...o,e,...i))?.split("\0").filter(c=>c!=="")??[]).map(c=>`${t}${c.slice(e.length+1)}`)}n(Ie,"listLfsAttributes");function Ne({clone:r,commit:e},t){let o=`the clone is partial, and not all files of commit ${e} are in it. Get them before this step: no \`filter\` and no \`sparse-checkout\` with actions/checkout, \`partial: false\` with Woodpecker's clone plugin, or \`git fetch --refetch --no-filter\`.`;return new u([{where:r.directory,message:o}],{cause:t})}n(Ne,"refusePartial");async function ae(r,e,t){let o=await Me(F(r.env.TMPDIR||Ue(),"mayfly-archive-")),i=n(()=>Fe(o,{recursive:!0,force:!0}),"remove");try{return{...await He(o,r,e,t),[Symbol.asyncDispose]:i}}catch(s){throw await i(),s}}n(ae,"makeArchive");async function He(r,e,t,o){let{submodules:i,signal:s}=o,{env:a}=e,{objects:c,objectFormat:l}=await y(e),f=i?await m(e,"rev-parse","--show-toplevel"):e.directory,d=F(r,"repository.git"),h=["--bare","--quiet","--template=",`--object-format=${l}`];await m({env:L(a,d)},"init",...h,d);let T=n(E=>({env:L(a,d,E)}),"isolate"),S={clone:{env:a,directory:f},objects:c,commit:t,prefix:""},_={files:0,lfs:[]},U=Re("sha256"),I=0;async function*D(){for await(let E of ie(S,{isolate:T,submodules:i,signal:s},_))U.update(E),I+=E.length,o.onProgress?.(I),yield E}n(D,"watchTar");let v=o.digestOnly?void 0:F(r,"archive.tar.gz"),ge=v===void 0?await Be(D()):await Je(D(),v);return s?.throwIfAborted(),{...v!==void 0&&{file:v},digest:U.digest("hex"),size:I,...ge,..._}}n(He,"fillWorkspace");async function Be(r){for await(let e of r);return{compressedSize:0,crc32c:""}}n(Be,"drain");async function Je(r,e){let t=H(),o=0;async function*i(s){for await(let a of s)t.update(a),o+=a.length,yield a}n(i,"check");try{await De(r,je(),i,Le(e))}catch(s){if(!(s instanceof Error&&"syscall"in s))throw s;let a=`The archive could not be written to ${e} (${s.message}). TMPDIR decides where it goes.`;throw new $(a,w.unknown,{cause:s})}return{compressedSize:o,crc32c:t.digest()}}n(Je,"pack");function ce(r,e){let t={directory:r,env:K(e)},o=n(async(...i)=>(await m(t,"for-each-ref","--format=%(refname:strip=2)",...i,"refs/tags")).split(`
`).filter(a=>a!==""),"listTags");return{repository:n(()=>k(t,()=>Q(t)),"repository"),tag:n(i=>k(t,()=>ze(t,i)),"tag"),tags:n(()=>k(t,()=>o()),"tags"),tagsAtHead:n(()=>k(t,async()=>{let i=await b(t,"HEAD");return i===void 0?[]:o(`--points-at=${i}`)}),"tagsAtHead"),async isShallow(){return(await y(t)).shallow},commit:n(i=>k(t,()=>b(t,i)),"commit"),archive:n((i,s)=>ae(t,i,s),"archive")}}n(ce,"openGit");async function k(r,e){try{return await e()}catch(t){throw t instanceof p&&await y(r),t}}n(k,"inRepository");async function ze(r,e){if(j(e)!==void 0)return;let t=`refs/tags/${e}`,o=await b(r,t);if(o!==void 0)return{name:e,commit:o};if(await g(r,"show-ref","--verify","--quiet",t)!==void 0)return{name:e,commit:await m(r,"rev-parse","--verify",`${t}^{commit}`)}}n(ze,"findTag");import{access as Ye}from"node:fs/promises";import{join as le}from"node:path";async function de(r,e){let t=C({tokens:P,userAgent:e,deadlineMs:5e3,retry:{baseMs:250,capMs:2e3,budgetMs:15e3}}),{body:o}=await t.send({http:"GET",url:`http://${r}/computeMetadata/v1/instance/service-accounts/default/token`,headers:{"metadata-flavor":"Google"}}),i=JSON.parse(new TextDecoder().decode(o));return{value:i.access_token,expiresAt:Date.now()+i.expires_in*1e3}}n(de,"readMetadataToken");function fe(r,e){return B(async()=>{let t=r("GOOGLE_APPLICATION_CREDENTIALS")||await Ke(r);return t?Ve(t,e):We(r,e)})}n(fe,"openTokens");async function Ve(r,e){try{let{readFileToken:t}=await import("./file-token-WVXADT3Z.js");return await t(e)}catch(t){let o=`the credentials in ${r} gave no token: ${t.message}`;throw new N("permission","auth",o,{cause:t})}}n(Ve,"mintFromFile");async function We(r,e){let t=r("GCE_METADATA_HOST")||"metadata.google.internal";try{return await de(t,e)}catch(o){let i=["no Google credentials were found: GOOGLE_APPLICATION_CREDENTIALS is not set, gcloud has written none, and no",`metadata server answered at ${t} (${o.message}). Sign in with`,'"gcloud auth application-default login", use the action google-github-actions/auth before this one, or set',"GOOGLE_APPLICATION_CREDENTIALS to the path of a credentials file."].join(" ");throw new N("permission","auth",i,{cause:o})}}n(We,"mintFromMachine");async function Ke(r){let e=r("CLOUDSDK_CONFIG")||le(r("HOME")??"/root",".config/gcloud"),t=le(e,"application_default_credentials.json");return Ye(t).then(()=>t,()=>{})}n(Ke,"findGcloudFile");var A=["STORAGE_EMULATOR_HOST","CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE"],G="CLOUDSDK_API_ENDPOINT_OVERRIDES_COMPUTE";function ue(r){let e=[],[t,o]=A.map(l=>me(l,r(l),e)),i=t??o??"https://storage.googleapis.com",s=me(G,r(G),e)??"https://compute.googleapis.com";if(t&&o&&t!==o&&e.push({where:A[0],message:`is ${t}, but ${A[1]} is ${o}`}),x(i)!==x(s)){let[l,f]=x(s)?[A[0],G]:[G,A[0]],d=`must be set too, or ${l} must not: one of them would be local and the other the real Google (storage ${i}, compute ${s})`;e.push({where:f,message:d})}if(e.length>0)throw new u(e);let a=!x(i),c=a?`Google Cloud: a local one (storage ${i}, compute ${s})`:`Google Cloud: the real one (${new URL(i).host}, ${new URL(s).host})`;return{storage:i,compute:s,local:a,line:c}}n(ue,"readEndpoints");function me(r,e,t){if(!e)return;let o=/^https?:\/\//.test(e)?e:`http://${e}`,i=URL.canParse(o)?new URL(o):void 0;if(i&&/^\/((storage|compute)\/v1\/?)?$/.test(i.pathname)&&!i.search)return i.origin;t.push({where:r,message:`expected an address such as http://127.0.0.1:8080, got ${JSON.stringify(e)}`})}n(me,"readAddress");function x(r){return new URL(r).hostname.endsWith(".googleapis.com")}n(x,"isGoogles");var qe="metadata.google.internal,169.254.169.254";function pe(r){let e=r("HTTPS_PROXY")||r("https_proxy");if(!e||r("NODE_USE_ENV_PROXY")==="1")return!0;let t=process.getBuiltinModule?.("node:http");if(!t?.setGlobalProxyFromEnv)return!1;let o=[r("NO_PROXY")||r("no_proxy"),qe].filter(Boolean).join(",");return t.setGlobalProxyFromEnv({https_proxy:e,no_proxy:o}),!0}n(pe,"useProxy");function Hr(r){let e=n(a=>r.env(a),"env"),t=ue(e);r.log.info(t.line),!t.local&&!pe(e)&&r.log.warn("HTTPS_PROXY is set, but only Node 24.14 and later use it.");let o=`mayfly/${z()}`,i=t.local?P:fe(e,o),s=C({tokens:i,userAgent:o});return{clock:V,git:ce(process.cwd(),process.env),files:W(process.cwd()),async objects(a){let{openObjects:c}=await import("./storage-AJXYJS57.js");return c(a,{endpoint:t.storage,transport:s})},async compute(a){let{openCompute:c}=await import("./compute-U7RT5WGB.js");return c(a,{endpoint:t.compute,transport:s})},agent:tt(et)}}n(Hr,"openWorld");async function et(){let r=Ze(J(),"dist/agent.js");try{return{digest:Xe("sha256").update(await Qe(r)).digest("hex"),file:r,bootstrap:Y}}catch(e){let t=`The agent that machines run is missing: ${r}. It comes with every release; \`npm run build\` makes it from sources.`;throw new $(t,w.unknown,{cause:e})}}n(et,"readAgent");function tt(r){let e;return()=>(e??=r(),e)}n(tt,"once");export{Hr as a};
