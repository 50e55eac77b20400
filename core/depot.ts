// Where things lie in the depot, the one bucket that holds releases, runs and the agent.

/** `agent/<digest>.js`. */
export function agentObject(digest: string): string {
  return `agent/${digest}.js`
}

/** Where it is kept which run has done some work: `reuse/<batch>/<digest>.json`. */
export function reuseObject(batch: string, digest: string): string {
  return `reuse/${batch}/${digest}.json`
}

/** The prefix of a run: `runs/<batch>/<id>`. */
export function runPath(batch: string, id: string): string {
  return `runs/${batch}/${id}`
}

/**
 * `recent/<batch>/<time>-<id>-a<number>`, of an attempt that is opened at a time in milliseconds since the epoch. Ids
 * tell no time, so that these names do: they count down, and a list of them begins with the newest.
 */
export function recentObject(batch: string, id: string, number: number, time: number): string {
  return `${recentPrefix(batch)}${String(lastTime - Math.floor(time)).padStart(13, '0')}-${id}-a${number}`
}

/** Thirteen digits: a day of 2286. */
const lastTime = 9_999_999_999_999

export function recentPrefix(batch: string): string {
  return `recent/${batch}/`
}

/** The attempt that an entry is of; undefined for an object that is none. */
export function readRecent(name: string): { readonly id: string; readonly number: number } | undefined {
  const [, id, number] = /\/\d{13}-([^/]+)-a(\d+)$/.exec(name) ?? []
  return id === undefined ? undefined : { id, number: Number(number) }
}

/** The objects of a run, by its path. */
export const runObjects = {
  run: (path: string) => `${path}/run.json`,
  /** The files that the run's inputs stand for, by the sha256 of the list. */
  inputs: (path: string, digest: string) => `${path}/inputs/${digest}.json`,
  /** The same of inputs that only the machine may look for: the first one that does decides. */
  machineInputs: (path: string) => `${path}/inputs/machine.json`,
  attempt: (path: string, number: number) => `${path}/a${number}/attempt.json`,
  started: (path: string, number: number) => `${path}/a${number}/started.json`,
  result: (path: string, number: number) => `${path}/a${number}/result.json`,
  /** Who creates it tells people of this much of an attempt, once. */
  told: (path: string, number: number, what: string) => `${path}/a${number}/told/${what}.json`,
  /** The message whose thread is the run's. */
  thread: (path: string) => `${path}/slack.json`,
  manifest: (path: string, number: number) => `${path}/a${number}/manifest.json`,
  outputs: (path: string, number: number) => `${path}/a${number}/outputs`,
  /** The manifests of an attempt's checkpoints lie here, and beside each the files that it brought. */
  checkpoints: (path: string, number: number) => `${path}/a${number}/checkpoint`,
  checkpoint: (path: string, number: number, sequence: number) =>
    `${path}/a${number}/checkpoint/${sixDigits(sequence)}.json`,
  checkpointFile: (path: string, number: number, sequence: number, file: string) =>
    `${path}/a${number}/checkpoint/${sixDigits(sequence)}/${file}`,
  /** Numbered from 1; six digits keep byte order and count order the same up to a million chunks. */
  log: (path: string, number: number, chunk: number) => `${path}/a${number}/logs/${sixDigits(chunk)}`,
} as const

/** What one who asks for a batch with these limits was last told: records that are numbered from 1, and their threads. */
export const checkObjects = {
  prefix: (batch: string, limits: string) => `checks/${batch}/${limits}/`,
  record: (batch: string, limits: string, number: number) =>
    `checks/${batch}/${limits}/${sixDigits(number)}.json`,
  /** The message whose thread is that of the trouble that began with the record of this number. */
  thread: (batch: string, limits: string, number: number) =>
    `checks/${batch}/${limits}/threads/${sixDigits(number)}.json`,
} as const

function sixDigits(count: number): string {
  return String(count).padStart(6, '0')
}
