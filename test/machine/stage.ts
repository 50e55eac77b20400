import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { build } from 'esbuild'
import { openObjects } from '../../adapters/google/storage.ts'
import { noTokens } from '../../adapters/google/tokens.ts'
import { openTransport } from '../../adapters/google/transport.ts'
import { agentObject, runObjects } from '../../core/depot.ts'
import { LogReader } from '../../core/protocol/log-reader.ts'
import {
  type PlannedOutput,
  type PlannedStep,
  parseRecord,
  type ResultRecord,
  type RunRecord,
  resultRecord,
  writeRecord,
} from '../../core/protocol/records.ts'
import type { Objects } from '../../core/world.ts'
import { type Emulator, type EmulatorOptions, startEmulator } from '../../emulator/index.ts'

const root = join(import.meta.dirname, '../..')
const zone = 'us-central1-a'

/** What a test wishes a run to be; the rest is usual. */
type Wish = Partial<Omit<RunRecord, 'steps' | 'outputs'>> & {
  readonly steps: readonly (Partial<PlannedStep> | string)[]
  readonly outputs?: readonly (Partial<PlannedOutput> & { readonly path: string })[]
}

/** A local Google Cloud with a depot and the agent in it. */
export interface Stage extends AsyncDisposable {
  readonly google: Emulator
  readonly objects: Objects
  readonly agent: string
  /** Another bucket. */
  open(bucket: string): Promise<Objects>
  /** Writes the plan and boots a machine for its first attempt. */
  boot(wish: Wish, attributes?: Readonly<Record<string, string>>): Promise<Machine>
}

interface Machine {
  readonly id: string
  readonly run: string
  readonly directory: string
  /** What it said so far, as the controller would show it. */
  said(): Promise<string>
  /** Resolves once what it said matches. */
  says(pattern: RegExp): Promise<void>
  serial(): Promise<string>
  /** Resolves when the machine has deleted itself, to the result; undefined when there is none. */
  gone(): Promise<ResultRecord | undefined>
  read(object: string): Promise<string>
}

/** Bundles the agent as scripts/build.ts does. */
async function bundleAgent(): Promise<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), 'mayfly-agent-'))
  try {
    const outfile = join(folder, 'agent.js')
    await build({
      absWorkingDir: root,
      entryPoints: ['machine/agent.ts'],
      outfile,
      bundle: true,
      platform: 'node',
      target: 'node20',
      format: 'esm',
      banner: {
        js: "import{createRequire as mayflyRequire}from'node:module';const require=mayflyRequire(import.meta.url);",
      },
    })
    return await readFile(outfile)
  } finally {
    await rm(folder, { recursive: true })
  }
}

export async function setStage(options: EmulatorOptions = {}): Promise<Stage> {
  const google = await startEmulator({
    ...options,
    compute: { delayMs: 0, ...options.compute },
  })
  const transport = openTransport({ tokens: noTokens, userAgent: 'test' })
  const open = async (name: string) => {
    await ask(google, 'storage/v1/b?project=acme', { name })
    return openObjects(name, { endpoint: google.url, transport })
  }
  const objects = await open('depot')
  const bytes = await bundleAgent()
  const agent = createHash('sha256').update(bytes).digest('hex')
  await objects.create(agentObject(agent), bytes)
  let runs = 0
  return {
    google,
    objects,
    agent,
    open,
    async boot(wish, attributes = {}) {
      const run = plan({ id: `run${++runs}`, agent, ...wish })
      const path = `runs/test/${run.id}`
      const record = writeRecord(run)
      // A further attempt finds the very object, unless it is to follow another plan.
      const kept = await objects.read(runObjects.run(path))
      if (kept === undefined || Buffer.from(kept).toString() !== record)
        await objects.put(runObjects.run(path), record)
      const id = await insert(google, `mayfly-${run.id}`, {
        'mayfly-bucket': 'depot',
        'mayfly-run': path,
        'mayfly-attempt': '1',
        'mayfly-agent': agent,
        'mayfly-deadline': String(Math.floor(Date.now() / 1000) + run.timeoutSeconds),
        ...attributes,
      })
      return watch(google, objects, id, path, Number(attributes['mayfly-attempt'] ?? 1))
    },
    [Symbol.asyncDispose]: () => google[Symbol.asyncDispose](),
  }
}

function plan({ steps, outputs = [], ...wish }: Wish): RunRecord {
  return {
    schema: 1,
    nonce: 'n',
    key: 'k',
    id: 'r',
    batch: 'test',
    inputsDigest: 'd',
    by: 'terminal ada',
    image: { name: 'mayfly-local', id: '1', selfLink: 'x' },
    machine: { type: 'e2-small', zones: [zone], spot: false, externalIp: true },
    timeoutSeconds: 120,
    attempts: 1,
    params: {},
    env: {},
    agent: '',
    ...wish,
    steps: steps.map((step, index) => ({
      name: `step${index + 1}`,
      env: {},
      retries: 0,
      if: 'success',
      ...(typeof step === 'string' ? { run: step } : step),
    })),
    outputs: outputs.map((output, index) => ({
      name: output.path.replace(/\/$/, ''),
      when: 'success',
      where: `batch.yaml:${index + 20}`,
      ...output,
    })),
  }
}

async function insert(google: Emulator, name: string, attributes: Readonly<Record<string, string>>) {
  const metadata = {
    'startup-script': await readFile(join(root, 'machine/bootstrap.sh'), 'utf8'),
    ...attributes,
  }
  await ask(google, `compute/v1/projects/acme/zones/${zone}/instances`, {
    name,
    machineType: `zones/${zone}/machineTypes/e2-small`,
    disks: [
      {
        boot: true,
        autoDelete: true,
        initializeParams: { sourceImage: 'projects/acme/global/images/family/mayfly-local' },
      },
    ],
    networkInterfaces: [{ network: 'global/networks/default' }],
    serviceAccounts: [
      {
        email: 'batch@acme.iam.gserviceaccount.com',
        scopes: ['https://www.googleapis.com/auth/cloud-platform'],
      },
    ],
    metadata: { items: Object.entries(metadata).map(([key, value]) => ({ key, value })) },
  })
  return google.compute.instances().find((instance) => instance.name === name)?.id ?? ''
}

async function ask(google: Emulator, path: string, body: object): Promise<void> {
  const reply = await fetch(`${google.url}/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (!reply.ok) throw new Error(await reply.text())
}

function watch(google: Emulator, objects: Objects, id: string, path: string, attempt: number): Machine {
  const find = () => google.compute.instances().find((instance) => instance.id === id)
  const read = async (name: string) => new TextDecoder().decode(await objects.read(name))
  const said = async () => {
    let text = ''
    const log = {
      info: (line: string) => {
        text += `# ${line}\n`
      },
      output: (output: string) => {
        text += output
      },
      group: (title: string) => {
        text += `## ${title}\n`
      },
      warn: () => {},
      endGroup: () => {},
      progress: () => {},
    }
    await new LogReader(objects, path, attempt, log).read()
    return text
  }
  return {
    id,
    run: path,
    directory: join(google.stateDir, 'machines', id, 'mayfly'),
    said,
    async says(pattern) {
      while (!pattern.test(await said())) {
        if (!find()) throw new Error(`The machine is gone and has not said ${pattern}:\n${await said()}`)
        await sleep(50)
      }
    },
    async serial() {
      const url = `${google.url}/compute/v1/projects/acme/zones/${zone}/instances/${id}/serialPort`
      return ((await (await fetch(url)).json()) as { contents: string }).contents
    },
    async gone() {
      while (find()) await sleep(20)
      const name = runObjects.result(path, attempt)
      const bytes = await objects.read(name)
      return bytes && parseRecord(resultRecord, name, bytes)
    },
    read,
  }
}
