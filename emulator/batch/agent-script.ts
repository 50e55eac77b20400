/**
 * The startup script of a VM, which stands in for the agent that Google's images for Batch bring: it asks for tasks, runs
 * them one after another, and tells how each ended. `cloud` is where the emulator is, unless the machine has another
 * address for it, and `path` what it asks there.
 */
export function writeAgentScript(cloud: string, path: string): string {
  return `#!/bin/bash
batch="\${STORAGE_EMULATOR_HOST:-${cloud}}${path}"
folder="\${HOME:-/var/lib}/batch"
mkdir -p "$folder"
# Every task gets a process group of its own, by which it can be ended.
set -m

fetch() { # URL FILE
  if command -v curl >/dev/null; then
    curl -sS --fail --max-time 60 --output "$2" "$1"
  else
    URL=$1 FILE=$2 node --input-type=module -e '
      import { writeFileSync } from "node:fs"
      const answer = await fetch(process.env.URL)
      if (!answer.ok) throw new Error("HTTP " + answer.status)
      writeFileSync(process.env.FILE, await answer.text())'
  fi
}

run() { # FILE SECONDS
  rm -f "$folder/late"
  # Of short lines: a console's reader gives up at a long one.
  bash "$1" > >(fold -b -w 4000) 2>&1 &
  task=$!
  (
    sleep "$2"
    : >"$folder/late"
    kill -TERM -- "-$task"
    sleep 10
    kill -KILL -- "-$task"
  ) >/dev/null 2>&1 &
  watch=$!
  wait "$task"
  code=$?
  # What the task left running is ended with it.
  kill -KILL -- "-$watch" "-$task" 2>/dev/null
  wait "$watch" 2>/dev/null
  if [ -e "$folder/late" ]; then code=50005; fi
}

while :; do
  if ! fetch "$batch/next" "$folder/task"; then
    sleep 1
    continue
  fi
  read -r what index seconds <"$folder/task"
  if [ "$what" = stop ]; then exit 0; fi
  run "$folder/task" "$seconds"
  until fetch "$batch/done/$index/$code" /dev/null; do sleep 1; done
done
`
}
