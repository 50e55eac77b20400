#!/bin/sh
# The startup script of every machine, always the same: what differs is in metadata attributes. It finds the agent, and
# a Node to run it with. Compute Engine runs it at every boot. It is also the program of every task of a job of Google Cloud
# Batch, whose machines have no attributes of ours: there, the same values are variables.
set -u

# A driver of local machines says where the metadata server is, and gives each machine a home of its own.
if [ -n "${GCE_METADATA_HOST:-}" ]; then
  root="${HOME:?}/mayfly"
else
  root=/var/lib/mayfly
fi
engine_name=${MAYFLY_ENGINE:-vm}
shared=$root
# A machine does one task after another, and nothing of one is left for the next.
if [ "$engine_name" = cloud-batch ]; then
  root="$root/task-${BATCH_TASK_INDEX:?}"
  rm -rf "$root"
fi
metadata="http://${GCE_METADATA_HOST:-169.254.169.254}/computeMetadata/v1"
storage="${STORAGE_EMULATOR_HOST:-https://storage.googleapis.com}"
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
  printf 'mayfly: %s\n' "$1" | tr -s '\t\r\n' '   ' | cut -c 1-400 >&3
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
    printf 'header = "%s"\n' "$3" | curl -sS --fail --location --connect-timeout 10 --speed-limit 1 --speed-time 30 --max-time 300 --config - --output "$2" "$1"
  elif has wget; then
    printf 'header = %s\n' "$3" >"$root/wgetrc"
    wget --no-verbose --timeout 60 --tries 1 --config "$root/wgetrc" --output-document "$2" "$1"
  elif [ -n "$node" ]; then
    URL=$1 FILE=$2 HEADER=$3 "$node" --input-type=module -e '
      import { writeFileSync } from "node:fs"
      const [name, value] = process.env.HEADER.split(": ")
      const answer = await fetch(process.env.URL, { headers: { [name]: value } })
      if (!answer.ok) throw new Error(`HTTP ${answer.status} from ${process.env.URL}`)
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
  sed -n 's/.*"access_token" *: *"\([^"]*\)".*/\1/p' "$root/token"
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
  for candidate in "${MAYFLY_CONTAINER_ENGINE:-docker}" podman; do
    # shellcheck disable=SC2086 # a command line
    if has "${candidate%% *}" && $candidate version >/dev/null; then
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
  if [ -z "${STORAGE_EMULATOR_HOST:-}" ]; then
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
  tail -n 2 "$root/bootstrap.log" | tr '\n' ' '
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
for name in GCE_METADATA_HOST STORAGE_EMULATOR_HOST CLOUDSDK_API_ENDPOINT_OVERRIDES_COMPUTE MAYFLY_MACHINE \
  MAYFLY_ENGINE MAYFLY_BUCKET MAYFLY_RUN MAYFLY_ATTEMPT BATCH_TASK_INDEX; do
  set -- "$@" --env "$name"
done
say "no Node here: the agent runs in $node_image"
# shellcheck disable=SC2086 # command lines
exec $engine run --rm ${MAYFLY_CONTAINER_FLAGS:-} "$@" "$node_image" node "$thrift" "$agent" "$root" >&3
