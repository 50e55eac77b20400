import{createRequire as mayflyRequire}from'node:module';const require=mayflyRequire(import.meta.url);
import{a as j}from"./chunk-WH5K2BFV.js";import{a as D}from"./chunk-C2YRLGJ6.js";import{a as G,b as H,c as S}from"./chunk-DAFFVYXV.js";import{a as B,b as z}from"./chunk-HZNSCQPG.js";import{a as $,b,c as p,e as U,f as g}from"./chunk-UO4VZDU4.js";import{a as i}from"./chunk-HELUG43E.js";import{createHash as st}from"node:crypto";import{readFile as at}from"node:fs/promises";import{join as ct}from"node:path";var J=`#!/bin/sh
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
`;import{setTimeout as $e}from"node:timers/promises";var Y={now:i(()=>Date.now(),"now"),sleep:i((r,t)=>$e(r,void 0,t?{signal:t}:{}).catch(()=>{}),"sleep")};import{readFile as be}from"node:fs/promises";import{resolve as Ee}from"node:path";function V(r){return{async read(t){try{return await be(Ee(r,t),"utf8")}catch(e){let{code:o,message:n}=e;if(o==="ENOENT")return;throw new p([{where:t,message:`cannot be read: ${n}.`}],{cause:e})}}}}i(V,"openFiles");import{createHash as Be}from"node:crypto";import{createWriteStream as ze}from"node:fs";import{mkdir as Je,mkdtemp as Ye,rm as Ve,writeFile as ce}from"node:fs/promises";import{tmpdir as We}from"node:os";import{join as A}from"node:path";import{pipeline as Ke}from"node:stream/promises";import{spawn as Ae}from"node:child_process";import{once as ke}from"node:events";async function m(r,...t){let e=[];for await(let o of L(r,t))e.push(o);return Buffer.concat(e).toString().replace(/\n$/,"")}i(m,"askGit");async function h(r,...t){try{return await m(r,...t)}catch(e){if(e instanceof x&&e.gitCode===1)return;throw e}}i(h,"seekGit");async function*L({directory:r,env:t},e,o){o?.throwIfAborted();let s=Ae("git",[...r===void 0?[]:["-C",r],...e],{env:t,stdio:["ignore","pipe","pipe"]}),a=i(()=>{s.kill()},"stop");o?.addEventListener("abort",a);let c="";s.stderr.setEncoding("utf8").on("data",d=>{c+=d});let l=ke(s,"close");l.catch(()=>{});try{yield*s.stdout;let[d,u]=await l;if(o?.throwIfAborted(),d!==0)throw new x(e,c.trim(),d,u)}catch(d){if(d.code!=="ENOENT")throw d;let u="git was not found on the PATH. Install it, or add it to the PATH.";throw new b(u,$.unknown,{cause:d})}finally{o?.removeEventListener("abort",a),s.exitCode===null&&s.kill()}}i(L,"streamGit");var x=class extends g{static{i(this,"GitError")}gitCode;constructor(t,e,o,n){let s=n===null?`exit code ${o}`:`signal ${n}`,a=e===""?"":`: ${e.slice(-1e3)}`;super(`git ${t.join(" ")}`,e,`git ${t[0]} ended with ${s}${a}`),this.gitCode=o}};var Te={"core.abbrev":"40","core.attributesFile":"/dev/null","core.autocrlf":"false","core.bigFileThreshold":"32m","core.eol":"lf","tar.umask":"0002"};function W(r){let t={...r,LC_ALL:"C",GIT_TERMINAL_PROMPT:"0",GIT_NO_REPLACE_OBJECTS:"1"};return X(t,{"safe.directory":"*"})}i(W,"openEnvironment");function K(r,t,e){let o=Object.entries(r).filter(([s])=>!s.startsWith("GIT_")),n={...Object.fromEntries(o),LC_ALL:"C",GIT_DIR:t,GIT_CONFIG_NOSYSTEM:"1",GIT_CONFIG_GLOBAL:"/dev/null",GIT_ATTR_NOSYSTEM:"1",GIT_OBJECT_DIRECTORY:e};return X(n,Te)}i(K,"isolateEnvironment");function X(r,t){let e=Number(r.GIT_CONFIG_COUNT??0),o=Object.entries(t),n=o.flatMap(([s,a],c)=>[[`GIT_CONFIG_KEY_${e+c}`,s],[`GIT_CONFIG_VALUE_${e+c}`,a]]);return{...r,...Object.fromEntries(n),GIT_CONFIG_COUNT:String(e+o.length)}}i(X,"addSettings");import{availableParallelism as ve}from"node:os";import{promisify as _e}from"node:util";import{constants as Pe,gzip as Ce}from"node:zlib";var I=1<<18;async function*q(r){let t=ve()+1,e=[];try{for await(let o of Ge(r)){let n=Oe(o);n.catch(()=>{}),e.push(n),e.length>=t&&(yield await e.shift())}for(let o of e)yield await o}finally{await Promise.allSettled(e)}}i(q,"compress");function Oe(r){let t={level:Pe.Z_DEFAULT_COMPRESSION,chunkSize:r.length+(r.length>>6)+64};return _e(Ce)(r,t)}i(Oe,"compressBlock");async function*Ge(r){let t=Buffer.allocUnsafe(I),e=0;for await(let o of r)for(let n=0;n<o.length;){let s=o.subarray(n,n+I-e);t.set(s,e),n+=s.length,e+=s.length,!(e<I)&&(yield t,t=Buffer.allocUnsafe(I),e=0)}e>0&&(yield t.subarray(0,e))}i(Ge,"inBlocks");import{join as Fe}from"node:path";import{basename as M,dirname as Se}from"node:path";function Z(r){let t=r.replace(/^([a-z][a-z0-9+.-]*:\/\/[^/]*|[^/]*:)/i,"").replace(/\/+$/,"").replace(/\.git$/,"").split("/").filter(e=>e!=="");return t.length===0?void 0:t.slice(-2).join("/")}i(Z,"nameRemote");async function w(r){let t=["--show-object-format","--is-shallow-repository","--git-path","objects"];try{let e=await m(r,"rev-parse","--path-format=absolute",...t),[o="",n,...s]=e.split(`
`);return{objectFormat:o,shallow:n==="true",objects:s.join(`
`)}}catch(e){if(!(e instanceof g))throw e;let o=`expected a git repository, and git finds none (${e.output}). Check the code out before this step, or go to its directory.`;throw new p([{where:r.directory,message:o}],{cause:e})}}i(w,"findRepository");async function Q(r){let t=await h(r,"config","--get","remote.origin.url");return(t&&Z(t))??xe(r)}i(Q,"nameRepository");async function xe(r){let t=await m(r,"rev-parse","--path-format=absolute","--git-common-dir");return M(t)===".git"?M(Se(t)):M(t,".git")}i(xe,"nameDirectory");async function E(r,t){return h(r,"rev-parse","--verify","--quiet","--end-of-options",`${t}^{commit}`)}i(E,"findCommit");async function ee(r){return await h(r,"config","--get-regexp","^remote\\..*\\.promisor$")!==void 0}i(ee,"isPartial");import{existsSync as Ie}from"node:fs";import{join as Re}from"node:path";async function re(r,t){return(await m(r,"ls-tree","-r","-z","--full-tree",t)).split("\0").flatMap(o=>{let[,n,s]=/^160000 commit ([0-9a-f]+)\t(.+)$/s.exec(o)??[];return n===void 0||s===void 0?[]:[{commit:n,path:s}]})}i(re,"listGitlinks");async function oe(r,{path:t,commit:e}){if(!Ie(Re(r.directory,".git")))throw te(t,"it is not initialised");if(await E(r,e)===void 0)throw te(t,`its clone has no commit ${e}`);return w(r)}i(oe,"findSubmodule");function te(r,t){let e="Get it before this step: `submodules: recursive` with actions/checkout, `recursive: true` with a clone plugin, or `git submodule update --init --recursive`.";return new p([{where:`submodule ${r}`,message:`${t}. ${e}`}])}i(te,"refuse");async function*ne(r,t){let e=Ne(t),o=!1;for await(let n of Ue(r)){if(o)continue;let s=e(n);o=s<n.length,s>0&&(yield n.subarray(0,s))}if(!o)throw new Error("The tar stops before its end.")}i(ne,"readTar");function Ne(r){let t=0,e,o=new Map,n=i(({type:a,path:c,size:l})=>{t=Math.ceil(Number(o.get("size")??l)/512)*512,a==="x"&&(e=[]),!(a==="x"||a==="g")&&(r({path:o.get("path")??c,directory:a==="5"}),o=new Map)},"begin"),s=i(a=>{t-=a.length,e?.push(a),!(t>0||!e)&&(o=Me(Buffer.concat(e)),e=void 0)},"pass");return a=>{let c=0;for(;c<a.length;){if(t===0&&a[c]===0)return c;let l=a.subarray(c,c+(t||512));t===0?n(Le(l)):s(l),c+=l.length}return c}}i(Ne,"followEntries");function ie(r){return new Uint8Array(Math.ceil((r+2*512)/10240)*10240-r)}i(ie,"endTar");async function*Ue(r){let t=Buffer.alloc(0);for await(let e of r){let o=t.length===0?e:Buffer.concat([t,e]),n=o.length-o.length%512;t=Buffer.from(o.subarray(n)),n>0&&(yield o.subarray(0,n))}if(t.length>0)throw new Error("The tar stops in the middle of a block.")}i(Ue,"inBlocks");function Le(r){let t=i((o,n)=>{let s=Buffer.from(r.buffer,r.byteOffset+o,n),a=s.indexOf(0);return s.toString("utf8",0,a<0?n:a)},"text"),e=t(345,155);return{type:t(156,1),path:e===""?t(0,100):`${e}/${t(0,100)}`,size:Number.parseInt(t(124,12),8)}}i(Le,"readHeader");function Me(r){let t=new Map;for(let e=0;e<r.length&&r[e]!==0;){let o=r.indexOf(" ",e),n=e+Number(r.toString("latin1",e,o)),[s="",...a]=r.toString("utf8",o+1,n-1).split("=");t.set(s,a.join("=")),e=n}return t}i(Me,"readRecords");async function*se(r,t,e){let o=0;for await(let n of ae(r,t,e))o+=n.length,yield n;yield ie(o)}i(se,"makeTar");async function*ae(r,t,e){let{clone:o,objects:n,commit:s,prefix:a}=r,c=t.isolate(n),l=new Set,d=i(({path:f,directory:y})=>{y?l.add(f):e.files++},"note"),u=je(c,r);u.catch(()=>{});try{yield*De(c,r,t.signal,d),e.lfs.push(...await u)}catch(f){throw f instanceof g&&await ee(o)?He(r,f):f}if(t.submodules)for(let f of await re(c,s)){let y=`${a}${f.path}`;if(!l.has(`${y}/`))continue;let T={...o,directory:Fe(o.directory,f.path)},C=await oe(T,{path:y,commit:f.commit}),v={clone:T,objects:C.objects,commit:f.commit,prefix:`${y}/`};yield*ae(v,t,e)}}i(ae,"readPart");function De(r,{commit:t,prefix:e},o,n){let s=e===""?[]:[`--prefix=${e}`];return ne(L(r,["archive","--format=tar",...s,t],o),n)}i(De,"readTree");async function je(r,{commit:t,prefix:e}){let o=["-E","-e","^[^#].*[[:space:]]filter=lfs"],n=["--",":(glob)**/.gitattributes"];return((await h(r,"grep","-z","--name-only",...o,t,...n))?.split("\0").filter(c=>c!=="")??[]).map(c=>`${e}${c.slice(t.length+1)}`)}i(je,"listLfsAttributes");function He({clone:r,commit:t},e){let o=`the clone is partial, and not all files of commit ${t} are in it. Get them before this step: no \`filter\` and no \`sparse-checkout\` with actions/checkout, \`partial: false\` with Woodpecker's clone plugin, or \`git fetch --refetch --no-filter\`.`;return new p([{where:r.directory,message:o}],{cause:e})}i(He,"refusePartial");async function le(r,t,e){let o=await Ye(A(r.env.TMPDIR||We(),"mayfly-archive-")),n=i(()=>Ve(o,{recursive:!0,force:!0}),"remove");try{return{...await Xe(o,r,t,e),[Symbol.asyncDispose]:n}}catch(s){throw await n(),s}}i(le,"makeArchive");async function Xe(r,t,e,o){let{submodules:n,signal:s}=o,{env:a}=t,{objects:c,objectFormat:l}=await w(t),d=n?await m(t,"rev-parse","--show-toplevel"):t.directory,u=A(r,"repository.git");await qe(u,l);let f=i(_=>({env:K(a,u,_)}),"isolate"),y={clone:{env:a,directory:d},objects:c,commit:e,prefix:""},T={files:0,lfs:[]},C=Be("sha256"),v=0;async function*F(){for await(let _ of se(y,{isolate:f,submodules:n,signal:s},T))C.update(_),v+=_.length,o.onProgress?.(v),yield _}i(F,"watchTar");let O=o.digestOnly?void 0:A(r,"archive.tar.gz"),ye=O===void 0?await Ze(F()):await Qe(F(),O);return s?.throwIfAborted(),{...O!==void 0&&{file:O},digest:C.digest("hex"),size:v,...ye,...T}}i(Xe,"fillWorkspace");async function qe(r,t){await Promise.all(["objects","refs"].map(s=>Je(A(r,s),{recursive:!0})));let e=t==="sha1"?0:1,o=t==="sha1"?"":`[extensions]
	objectFormat = ${t}
`,n=`[core]
	repositoryFormatVersion = ${e}
	bare = true
${o}`;await Promise.all([ce(A(r,"HEAD"),`ref: refs/heads/none
`),ce(A(r,"config"),n)])}i(qe,"makeBareRepository");async function Ze(r){for await(let t of r);return{compressedSize:0,crc32c:""}}i(Ze,"drain");async function Qe(r,t){let e=j(),o=0;async function*n(s){for await(let a of s)e.update(a),o+=a.length,yield a}i(n,"check");try{await Ke(r,q,n,ze(t))}catch(s){if(!(s instanceof Error&&"syscall"in s))throw s;let a=`The archive could not be written to ${t} (${s.message}). TMPDIR decides where it goes.`;throw new b(a,$.unknown,{cause:s})}return{compressedSize:o,crc32c:e.digest()}}i(Qe,"pack");function de(r,t){let e={directory:r,env:W(t)},o=i(async(...n)=>(await m(e,"for-each-ref","--format=%(refname:strip=2)",...n,"refs/tags")).split(`
`).filter(a=>a!==""),"listTags");return{repository:i(()=>k(e,()=>Q(e)),"repository"),tag:i(n=>k(e,()=>et(e,n)),"tag"),tags:i(()=>k(e,()=>o()),"tags"),tagsAtHead:i(()=>k(e,async()=>{let n=await E(e,"HEAD");return n===void 0?[]:o(`--points-at=${n}`)}),"tagsAtHead"),async isShallow(){return(await w(e)).shallow},changes:i(n=>k(e,async()=>(await m(e,"diff","--name-only","-z",n,"--")).split("\0").filter(a=>a!=="")),"changes"),commit:i(n=>k(e,()=>E(e,n)),"commit"),archive:i((n,s)=>le(e,n,s),"archive")}}i(de,"openGit");async function k(r,t){try{return await t()}catch(e){throw e instanceof g&&await w(r),e}}i(k,"inRepository");async function et(r,t){if(D(t)!==void 0)return;let e=`refs/tags/${t}`,o=await E(r,e);if(o!==void 0)return{name:t,commit:o};if(await h(r,"show-ref","--verify","--quiet",e)!==void 0)return{name:t,commit:await m(r,"rev-parse","--verify",`${e}^{commit}`)}}i(et,"findTag");import{access as tt}from"node:fs/promises";import{join as me}from"node:path";async function fe(r,t){let e=S({tokens:G,userAgent:t,deadlineMs:5e3,retry:{baseMs:250,capMs:2e3,budgetMs:15e3}}),{body:o}=await e.send({http:"GET",url:`http://${r}/computeMetadata/v1/instance/service-accounts/default/token`,headers:{"metadata-flavor":"Google"}}),n=JSON.parse(new TextDecoder().decode(o));return{value:n.access_token,expiresAt:Date.now()+n.expires_in*1e3}}i(fe,"readMetadataToken");function ue(r,t){return H(async()=>{let e=r("GOOGLE_APPLICATION_CREDENTIALS")||await nt(r);return e?rt(e,t):ot(r,t)})}i(ue,"openTokens");async function rt(r,t){try{let{readFileToken:e}=await import("./file-token-WVXADT3Z.js");return await e(t)}catch(e){let o=`the credentials in ${r} gave no token: ${e.message}`;throw new U("permission","auth",o,{cause:e})}}i(rt,"mintFromFile");async function ot(r,t){let e=r("GCE_METADATA_HOST")||"metadata.google.internal";try{return await fe(e,t)}catch(o){let n=["no Google credentials were found: GOOGLE_APPLICATION_CREDENTIALS is not set, gcloud has written none, and no",`metadata server answered at ${e} (${o.message}). Sign in with`,'"gcloud auth application-default login", use the action google-github-actions/auth before this one, or set',"GOOGLE_APPLICATION_CREDENTIALS to the path of a credentials file."].join(" ");throw new U("permission","auth",n,{cause:o})}}i(ot,"mintFromMachine");async function nt(r){let t=r("CLOUDSDK_CONFIG")||me(r("HOME")??"/root",".config/gcloud"),e=me(t,"application_default_credentials.json");return tt(e).then(()=>e,()=>{})}i(nt,"findGcloudFile");var P=["STORAGE_EMULATOR_HOST","CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE"],R="CLOUDSDK_API_ENDPOINT_OVERRIDES_COMPUTE";function ge(r){let t=[],[e,o]=P.map(l=>pe(l,r(l),t)),n=e??o??"https://storage.googleapis.com",s=pe(R,r(R),t)??"https://compute.googleapis.com";if(e&&o&&e!==o&&t.push({where:P[0],message:`is ${e}, but ${P[1]} is ${o}`}),N(n)!==N(s)){let[l,d]=N(s)?[P[0],R]:[R,P[0]],u=`must be set too, or ${l} must not: one of them would be local and the other the real Google (storage ${n}, compute ${s})`;t.push({where:d,message:u})}if(t.length>0)throw new p(t);let a=!N(n),c=a?`Google Cloud: a local one (storage ${n}, compute ${s})`:`Google Cloud: the real one (${new URL(n).host}, ${new URL(s).host})`;return{storage:n,compute:s,local:a,line:c}}i(ge,"readEndpoints");function pe(r,t,e){if(!t)return;let o=/^https?:\/\//.test(t)?t:`http://${t}`,n=URL.canParse(o)?new URL(o):void 0;if(n&&/^\/((storage|compute)\/v1\/?)?$/.test(n.pathname)&&!n.search)return n.origin;e.push({where:r,message:`expected an address such as http://127.0.0.1:8080, got ${JSON.stringify(t)}`})}i(pe,"readAddress");function N(r){return new URL(r).hostname.endsWith(".googleapis.com")}i(N,"isGoogles");var it="metadata.google.internal,169.254.169.254";function he(r){let t=r("HTTPS_PROXY")||r("https_proxy");if(!t||r("NODE_USE_ENV_PROXY")==="1")return!0;let e=process.getBuiltinModule?.("node:http");if(!e?.setGlobalProxyFromEnv)return!1;let o=[r("NO_PROXY")||r("no_proxy"),it].filter(Boolean).join(",");return e.setGlobalProxyFromEnv({https_proxy:t,no_proxy:o}),!0}i(he,"useProxy");function ro(r){let t=i(c=>r.env(c),"env"),e=ge(t);r.log.info(e.line),!e.local&&!he(t)&&r.log.warn("HTTPS_PROXY is set, but only Node 24.14 and later use it.");let o=`mayfly/${z()}`,n=e.local?G:ue(t,o),s=S({tokens:n,userAgent:o}),a=dt(lt);return{clock:Y,git:de(process.cwd(),process.env),files:V(process.cwd()),async objects(c){let{openObjects:l}=await import("./storage-7WD42SCA.js");return globalThis.Headers,l(c,{endpoint:e.storage,transport:s})},async compute(c){let{openCompute:l}=await import("./compute-ZAZ474XH.js");return l(c,{endpoint:e.compute,transport:s})},async images(c){let{openImages:l}=await import("./image-store-T3Y5F5HS.js");return l(c,{endpoint:e.compute,transport:s})},agent:a,async builder(){let{openBuilder:c}=await import("./builder-DSDMHCPH.js");return c({directory:process.cwd(),env:process.env,agent:a})}}}i(ro,"openWorld");async function lt(){let r=ct(B(),"dist/agent.js");try{return{digest:st("sha256").update(await at(r)).digest("hex"),file:r,bootstrap:J}}catch(t){let e=`The agent that machines run is missing: ${r}. It comes with every release; \`npm run build\` makes it from sources.`;throw new b(e,$.unknown,{cause:t})}}i(lt,"readAgent");function dt(r){let t;return()=>(t??=r(),t)}i(dt,"once");export{ro as a};
