import{createRequire as mayflyRequire}from'node:module';const require=mayflyRequire(import.meta.url);
import{a as D}from"./chunk-C2YRLGJ6.js";import{a as j}from"./chunk-WH5K2BFV.js";import{a as G,b as H,c as x}from"./chunk-TEGRW22J.js";import{a as B,b as z}from"./chunk-HZNSCQPG.js";import{a as $,b,c as p,e as M,f as g}from"./chunk-UO4VZDU4.js";import{a as i}from"./chunk-HELUG43E.js";import{createHash as at}from"node:crypto";import{readFile as ct}from"node:fs/promises";import{join as lt}from"node:path";var J=`#!/bin/sh
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
`;import{setTimeout as be}from"node:timers/promises";var Y=2e3;function V(){let r=0;return{now:i(()=>Date.now()+r,"now"),sleep:i((t,e)=>be(t,void 0,e?{signal:e}:{}).catch(()=>{}),"sleep"),learn(t){let e=Date.parse(t??"")-Date.now();Math.abs(e-r)>Y&&(r=Math.abs(e)>Y?e:0)}}}i(V,"openCloudClock");import{readFile as Ee}from"node:fs/promises";import{resolve as Ae}from"node:path";function W(r){return{async read(t){try{return await Ee(Ae(r,t),"utf8")}catch(e){let{code:o,message:n}=e;if(o==="ENOENT")return;throw new p([{where:t,message:`cannot be read: ${n}.`}],{cause:e})}}}}i(W,"openFiles");import{createHash as ze}from"node:crypto";import{createWriteStream as Je}from"node:fs";import{mkdir as Ye,mkdtemp as Ve,rm as We,writeFile as le}from"node:fs/promises";import{tmpdir as Ke}from"node:os";import{join as A}from"node:path";import{pipeline as Xe}from"node:stream/promises";import{spawn as ke}from"node:child_process";import{once as Te}from"node:events";async function m(r,...t){let e=[];for await(let o of U(r,t))e.push(o);return Buffer.concat(e).toString().replace(/\n$/,"")}i(m,"askGit");async function h(r,...t){try{return await m(r,...t)}catch(e){if(e instanceof S&&e.gitCode===1)return;throw e}}i(h,"seekGit");async function*U({directory:r,env:t},e,o){o?.throwIfAborted();let s=ke("git",[...r===void 0?[]:["-C",r],...e],{env:t,stdio:["ignore","pipe","pipe"]}),a=i(()=>{s.kill()},"stop");o?.addEventListener("abort",a);let c="";s.stderr.setEncoding("utf8").on("data",d=>{c+=d});let l=Te(s,"close");l.catch(()=>{});try{yield*s.stdout;let[d,u]=await l;if(o?.throwIfAborted(),d!==0)throw new S(e,c.trim(),d,u)}catch(d){if(d.code!=="ENOENT")throw d;let u="git was not found on the PATH. Install it, or add it to the PATH.";throw new b(u,$.unknown,{cause:d})}finally{o?.removeEventListener("abort",a),s.exitCode===null&&s.kill()}}i(U,"streamGit");var S=class extends g{static{i(this,"GitError")}gitCode;constructor(t,e,o,n){let s=n===null?`exit code ${o}`:`signal ${n}`,a=e===""?"":`: ${e.slice(-1e3)}`;super(`git ${t.join(" ")}`,e,`git ${t[0]} ended with ${s}${a}`),this.gitCode=o}};var ve={"core.abbrev":"40","core.attributesFile":"/dev/null","core.autocrlf":"false","core.bigFileThreshold":"32m","core.eol":"lf","tar.umask":"0002"};function K(r){let t={...r,LC_ALL:"C",GIT_TERMINAL_PROMPT:"0",GIT_NO_REPLACE_OBJECTS:"1"};return q(t,{"safe.directory":"*"})}i(K,"openEnvironment");function X(r,t,e){let o=Object.entries(r).filter(([s])=>!s.startsWith("GIT_")),n={...Object.fromEntries(o),LC_ALL:"C",GIT_DIR:t,GIT_CONFIG_NOSYSTEM:"1",GIT_CONFIG_GLOBAL:"/dev/null",GIT_ATTR_NOSYSTEM:"1",GIT_OBJECT_DIRECTORY:e};return q(n,ve)}i(X,"isolateEnvironment");function q(r,t){let e=Number(r.GIT_CONFIG_COUNT??0),o=Object.entries(t),n=o.flatMap(([s,a],c)=>[[`GIT_CONFIG_KEY_${e+c}`,s],[`GIT_CONFIG_VALUE_${e+c}`,a]]);return{...r,...Object.fromEntries(n),GIT_CONFIG_COUNT:String(e+o.length)}}i(q,"addSettings");import{availableParallelism as _e}from"node:os";import{promisify as Pe}from"node:util";import{constants as Ce,gzip as Oe}from"node:zlib";var I=1<<18;async function*Z(r){let t=_e()+1,e=[];try{for await(let o of xe(r)){let n=Ge(o);n.catch(()=>{}),e.push(n),e.length>=t&&(yield await e.shift())}for(let o of e)yield await o}finally{await Promise.allSettled(e)}}i(Z,"compress");function Ge(r){let t={level:Ce.Z_DEFAULT_COMPRESSION,chunkSize:r.length+(r.length>>6)+64};return Pe(Oe)(r,t)}i(Ge,"compressBlock");async function*xe(r){let t=Buffer.allocUnsafe(I),e=0;for await(let o of r)for(let n=0;n<o.length;){let s=o.subarray(n,n+I-e);t.set(s,e),n+=s.length,e+=s.length,!(e<I)&&(yield t,t=Buffer.allocUnsafe(I),e=0)}e>0&&(yield t.subarray(0,e))}i(xe,"inBlocks");import{join as De}from"node:path";import{basename as L,dirname as Se}from"node:path";function Q(r){let t=r.replace(/^([a-z][a-z0-9+.-]*:\/\/[^/]*|[^/]*:)/i,"").replace(/\/+$/,"").replace(/\.git$/,"").split("/").filter(e=>e!=="");return t.length===0?void 0:t.slice(-2).join("/")}i(Q,"nameRemote");async function w(r){let t=["--show-object-format","--is-shallow-repository","--git-path","objects"];try{let e=await m(r,"rev-parse","--path-format=absolute",...t),[o="",n,...s]=e.split(`
`);return{objectFormat:o,shallow:n==="true",objects:s.join(`
`)}}catch(e){if(!(e instanceof g))throw e;let o=`expected a git repository, and git finds none (${e.output}). Check the code out before this step, or go to its directory.`;throw new p([{where:r.directory,message:o}],{cause:e})}}i(w,"findRepository");async function ee(r){let t=await h(r,"config","--get","remote.origin.url");return(t&&Q(t))??Ie(r)}i(ee,"nameRepository");async function Ie(r){let t=await m(r,"rev-parse","--path-format=absolute","--git-common-dir");return L(t)===".git"?L(Se(t)):L(t,".git")}i(Ie,"nameDirectory");async function E(r,t){return h(r,"rev-parse","--verify","--quiet","--end-of-options",`${t}^{commit}`)}i(E,"findCommit");async function te(r){return await h(r,"config","--get-regexp","^remote\\..*\\.promisor$")!==void 0}i(te,"isPartial");import{existsSync as Re}from"node:fs";import{join as Ne}from"node:path";async function oe(r,t){return(await m(r,"ls-tree","-r","-z","--full-tree",t)).split("\0").flatMap(o=>{let[,n,s]=/^160000 commit ([0-9a-f]+)\t(.+)$/s.exec(o)??[];return n===void 0||s===void 0?[]:[{commit:n,path:s}]})}i(oe,"listGitlinks");async function ne(r,{path:t,commit:e}){if(!Re(Ne(r.directory,".git")))throw re(t,"it is not initialised");if(await E(r,e)===void 0)throw re(t,`its clone has no commit ${e}`);return w(r)}i(ne,"findSubmodule");function re(r,t){let e="Get it before this step: `submodules: recursive` with actions/checkout, `recursive: true` with a clone plugin, or `git submodule update --init --recursive`.";return new p([{where:`submodule ${r}`,message:`${t}. ${e}`}])}i(re,"refuse");async function*ie(r,t){let e=Me(t),o=!1;for await(let n of Ue(r)){if(o)continue;let s=e(n);o=s<n.length,s>0&&(yield n.subarray(0,s))}if(!o)throw new Error("The tar stops before its end.")}i(ie,"readTar");function Me(r){let t=0,e,o=new Map,n=i(({type:a,path:c,size:l})=>{t=Math.ceil(Number(o.get("size")??l)/512)*512,a==="x"&&(e=[]),!(a==="x"||a==="g")&&(r({path:o.get("path")??c,directory:a==="5"}),o=new Map)},"begin"),s=i(a=>{t-=a.length,e?.push(a),!(t>0||!e)&&(o=Fe(Buffer.concat(e)),e=void 0)},"pass");return a=>{let c=0;for(;c<a.length;){if(t===0&&a[c]===0)return c;let l=a.subarray(c,c+(t||512));t===0?n(Le(l)):s(l),c+=l.length}return c}}i(Me,"followEntries");function se(r){return new Uint8Array(Math.ceil((r+2*512)/10240)*10240-r)}i(se,"endTar");async function*Ue(r){let t=Buffer.alloc(0);for await(let e of r){let o=t.length===0?e:Buffer.concat([t,e]),n=o.length-o.length%512;t=Buffer.from(o.subarray(n)),n>0&&(yield o.subarray(0,n))}if(t.length>0)throw new Error("The tar stops in the middle of a block.")}i(Ue,"inBlocks");function Le(r){let t=i((o,n)=>{let s=Buffer.from(r.buffer,r.byteOffset+o,n),a=s.indexOf(0);return s.toString("utf8",0,a<0?n:a)},"text"),e=t(345,155);return{type:t(156,1),path:e===""?t(0,100):`${e}/${t(0,100)}`,size:Number.parseInt(t(124,12),8)}}i(Le,"readHeader");function Fe(r){let t=new Map;for(let e=0;e<r.length&&r[e]!==0;){let o=r.indexOf(" ",e),n=e+Number(r.toString("latin1",e,o)),[s="",...a]=r.toString("utf8",o+1,n-1).split("=");t.set(s,a.join("=")),e=n}return t}i(Fe,"readRecords");async function*ae(r,t,e){let o=0;for await(let n of ce(r,t,e))o+=n.length,yield n;yield se(o)}i(ae,"makeTar");async function*ce(r,t,e){let{clone:o,objects:n,commit:s,prefix:a}=r,c=t.isolate(n),l=new Set,d=i(({path:f,directory:y})=>{y?l.add(f):e.files++},"note"),u=He(c,r);u.catch(()=>{});try{yield*je(c,r,t.signal,d),e.lfs.push(...await u)}catch(f){throw f instanceof g&&await te(o)?Be(r,f):f}if(t.submodules)for(let f of await oe(c,s)){let y=`${a}${f.path}`;if(!l.has(`${y}/`))continue;let T={...o,directory:De(o.directory,f.path)},C=await ne(T,{path:y,commit:f.commit}),v={clone:T,objects:C.objects,commit:f.commit,prefix:`${y}/`};yield*ce(v,t,e)}}i(ce,"readPart");function je(r,{commit:t,prefix:e},o,n){let s=e===""?[]:[`--prefix=${e}`];return ie(U(r,["archive","--format=tar",...s,t],o),n)}i(je,"readTree");async function He(r,{commit:t,prefix:e}){let o=["-E","-e","^[^#].*[[:space:]]filter=lfs"],n=["--",":(glob)**/.gitattributes"];return((await h(r,"grep","-z","--name-only",...o,t,...n))?.split("\0").filter(c=>c!=="")??[]).map(c=>`${e}${c.slice(t.length+1)}`)}i(He,"listLfsAttributes");function Be({clone:r,commit:t},e){let o=`the clone is partial, and not all files of commit ${t} are in it. Get them before this step: no \`filter\` and no \`sparse-checkout\` with actions/checkout, \`partial: false\` with Woodpecker's clone plugin, or \`git fetch --refetch --no-filter\`.`;return new p([{where:r.directory,message:o}],{cause:e})}i(Be,"refusePartial");async function de(r,t,e){let o=await Ve(A(r.env.TMPDIR||Ke(),"mayfly-archive-")),n=i(()=>We(o,{recursive:!0,force:!0}),"remove");try{return{...await qe(o,r,t,e),[Symbol.asyncDispose]:n}}catch(s){throw await n(),s}}i(de,"makeArchive");async function qe(r,t,e,o){let{submodules:n,signal:s}=o,{env:a}=t,{objects:c,objectFormat:l}=await w(t),d=n?await m(t,"rev-parse","--show-toplevel"):t.directory,u=A(r,"repository.git");await Ze(u,l);let f=i(_=>({env:X(a,u,_)}),"isolate"),y={clone:{env:a,directory:d},objects:c,commit:e,prefix:""},T={files:0,lfs:[]},C=ze("sha256"),v=0;async function*F(){for await(let _ of ae(y,{isolate:f,submodules:n,signal:s},T))C.update(_),v+=_.length,o.onProgress?.(v),yield _}i(F,"watchTar");let O=o.digestOnly?void 0:A(r,"archive.tar.gz"),we=O===void 0?await Qe(F()):await et(F(),O);return s?.throwIfAborted(),{...O!==void 0&&{file:O},digest:C.digest("hex"),size:v,...we,...T}}i(qe,"fillWorkspace");async function Ze(r,t){await Promise.all(["objects","refs"].map(s=>Ye(A(r,s),{recursive:!0})));let e=t==="sha1"?0:1,o=t==="sha1"?"":`[extensions]
	objectFormat = ${t}
`,n=`[core]
	repositoryFormatVersion = ${e}
	bare = true
${o}`;await Promise.all([le(A(r,"HEAD"),`ref: refs/heads/none
`),le(A(r,"config"),n)])}i(Ze,"makeBareRepository");async function Qe(r){for await(let t of r);return{compressedSize:0,crc32c:""}}i(Qe,"drain");async function et(r,t){let e=j(),o=0;async function*n(s){for await(let a of s)e.update(a),o+=a.length,yield a}i(n,"check");try{await Xe(r,Z,n,Je(t))}catch(s){if(!(s instanceof Error&&"syscall"in s))throw s;let a=`The archive could not be written to ${t} (${s.message}). TMPDIR decides where it goes.`;throw new b(a,$.unknown,{cause:s})}return{compressedSize:o,crc32c:e.digest()}}i(et,"pack");function fe(r,t){let e={directory:r,env:K(t)},o=i(async(...n)=>(await m(e,"for-each-ref","--format=%(refname:strip=2)",...n,"refs/tags")).split(`
`).filter(a=>a!==""),"listTags");return{repository:i(()=>k(e,()=>ee(e)),"repository"),tag:i(n=>k(e,()=>tt(e,n)),"tag"),tags:i(()=>k(e,()=>o()),"tags"),tagsAtHead:i(()=>k(e,async()=>{let n=await E(e,"HEAD");return n===void 0?[]:o(`--points-at=${n}`)}),"tagsAtHead"),async isShallow(){return(await w(e)).shallow},changes:i(n=>k(e,async()=>(await m(e,"diff","--name-only","-z",n,"--")).split("\0").filter(a=>a!=="")),"changes"),commit:i(n=>k(e,()=>E(e,n)),"commit"),archive:i((n,s)=>de(e,n,s),"archive")}}i(fe,"openGit");async function k(r,t){try{return await t()}catch(e){throw e instanceof g&&await w(r),e}}i(k,"inRepository");async function tt(r,t){if(D(t)!==void 0)return;let e=`refs/tags/${t}`,o=await E(r,e);if(o!==void 0)return{name:t,commit:o};if(await h(r,"show-ref","--verify","--quiet",e)!==void 0)return{name:t,commit:await m(r,"rev-parse","--verify",`${e}^{commit}`)}}i(tt,"findTag");import{access as rt}from"node:fs/promises";import{join as ue}from"node:path";async function me(r,t){let e=x({tokens:G,userAgent:t,deadlineMs:5e3,retry:{baseMs:250,capMs:2e3,budgetMs:15e3}}),{body:o}=await e.send({http:"GET",url:`http://${r}/computeMetadata/v1/instance/service-accounts/default/token`,headers:{"metadata-flavor":"Google"}}),n=JSON.parse(new TextDecoder().decode(o));return{value:n.access_token,expiresAt:Date.now()+n.expires_in*1e3}}i(me,"readMetadataToken");function pe(r,t){return H(async()=>{let e=r("GOOGLE_APPLICATION_CREDENTIALS")||await it(r);return e?ot(e,t):nt(r,t)})}i(pe,"openTokens");async function ot(r,t){try{let{readFileToken:e}=await import("./file-token-NZBKETWQ.js");return await e(t)}catch(e){let o=`the credentials in ${r} gave no token: ${e.message}`;throw new M("permission","auth",o,{cause:e})}}i(ot,"mintFromFile");async function nt(r,t){let e=r("GCE_METADATA_HOST")||"metadata.google.internal";try{return await me(e,t)}catch(o){let n=["no Google credentials were found: GOOGLE_APPLICATION_CREDENTIALS is not set, gcloud has written none, and no",`metadata server answered at ${e} (${o.message}). Sign in with`,'"gcloud auth application-default login", use the action google-github-actions/auth before this one, or set',"GOOGLE_APPLICATION_CREDENTIALS to the path of a credentials file."].join(" ");throw new M("permission","auth",n,{cause:o})}}i(nt,"mintFromMachine");async function it(r){let t=r("CLOUDSDK_CONFIG")||ue(r("HOME")??"/root",".config/gcloud"),e=ue(t,"application_default_credentials.json");return rt(e).then(()=>e,()=>{})}i(it,"findGcloudFile");var P=["STORAGE_EMULATOR_HOST","CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE"],R="CLOUDSDK_API_ENDPOINT_OVERRIDES_COMPUTE";function he(r){let t=[],[e,o]=P.map(l=>ge(l,r(l),t)),n=e??o??"https://storage.googleapis.com",s=ge(R,r(R),t)??"https://compute.googleapis.com";if(e&&o&&e!==o&&t.push({where:P[0],message:`is ${e}, but ${P[1]} is ${o}`}),N(n)!==N(s)){let[l,d]=N(s)?[P[0],R]:[R,P[0]],u=`must be set too, or ${l} must not: one of them would be local and the other the real Google (storage ${n}, compute ${s})`;t.push({where:d,message:u})}if(t.length>0)throw new p(t);let a=!N(n),c=a?`Google Cloud: a local one (storage ${n}, compute ${s})`:`Google Cloud: the real one (${new URL(n).host}, ${new URL(s).host})`;return{storage:n,compute:s,local:a,line:c}}i(he,"readEndpoints");function ge(r,t,e){if(!t)return;let o=/^https?:\/\//.test(t)?t:`http://${t}`,n=URL.canParse(o)?new URL(o):void 0;if(n&&/^\/((storage|compute)\/v1\/?)?$/.test(n.pathname)&&!n.search)return n.origin;e.push({where:r,message:`expected an address such as http://127.0.0.1:8080, got ${JSON.stringify(t)}`})}i(ge,"readAddress");function N(r){return new URL(r).hostname.endsWith(".googleapis.com")}i(N,"isGoogles");var st="metadata.google.internal,169.254.169.254";function ye(r){let t=r("HTTPS_PROXY")||r("https_proxy");if(!t||r("NODE_USE_ENV_PROXY")==="1")return!0;let e=process.getBuiltinModule?.("node:http");if(!e?.setGlobalProxyFromEnv)return!1;let o=[r("NO_PROXY")||r("no_proxy"),st].filter(Boolean).join(",");return e.setGlobalProxyFromEnv({https_proxy:t,no_proxy:o}),!0}i(ye,"useProxy");function oo(r){let t=i(l=>r.env(l),"env"),e=he(t);r.log.info(e.line),!e.local&&!ye(t)&&r.log.warn("HTTPS_PROXY is set, but only Node 24.14 and later use it.");let o=`mayfly/${z()}`,n=e.local?G:pe(t,o),s=V(),a=x({tokens:n,userAgent:o,onDate:s.learn}),c=ft(dt);return{clock:s,git:fe(process.cwd(),process.env),files:W(process.cwd()),async objects(l){let{openObjects:d}=await import("./storage-RWRYZCD7.js");return globalThis.Headers,d(l,{endpoint:e.storage,transport:a})},async compute(l){let{openCompute:d}=await import("./compute-K6HHVPRD.js");return d(l,{endpoint:e.compute,transport:a})},async images(l){let{openImages:d}=await import("./image-store-4E4EIXH6.js");return d(l,{endpoint:e.compute,transport:a})},async fleet(l){let{openFleet:d}=await import("./fleet-OA4F6MBG.js");return d(l,{endpoint:e.compute,transport:a})},agent:c,async builder(){let{openBuilder:l}=await import("./builder-DSDMHCPH.js");return l({directory:process.cwd(),env:process.env,agent:c})}}}i(oo,"openWorld");async function dt(){let r=lt(B(),"dist/agent.js");try{return{digest:at("sha256").update(await ct(r)).digest("hex"),file:r,bootstrap:J}}catch(t){let e=`The agent that machines run is missing: ${r}. It comes with every release; \`npm run build\` makes it from sources.`;throw new b(e,$.unknown,{cause:t})}}i(dt,"readAgent");function ft(r){let t;return()=>(t??=r(),t)}i(ft,"once");export{oo as a};
