import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startEmulator } from '../emulator/index.ts'
import { spread } from './measure.ts'
import { printTable } from './table.ts'
import { commitAndTag, makeFolder, root } from './workplace.ts'

const rounds = 5

/** What run-batch puts around a step that does nothing. */
export async function benchOverhead(): Promise<void> {
  await using folder = await makeFolder()
  await writeFile(join(folder.path, 'batch.yaml'), batch)
  commitAndTag(folder.path)
  await using google = await startEmulator()
  await fetch(`${google.url}/storage/v1/b?project=bench`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"name":"bench"}',
  })
  await run(folder.path, google.url, ['upload-code'])

  const figures: { calls: number; first: number; last: number }[] = []
  for (let round = 0; round <= rounds; round++) {
    const before = google.requests().length
    const times = await run(folder.path, google.url, ['run-batch', '--key', `bench-${round}`])
    figures.push({ calls: google.requests().length - before, ...times })
  }
  // The first one stores the agent, which the others find.
  const [, ...warm] = figures
  const pick = (name: 'calls' | 'first' | 'last') => warm.map((each) => each[name])
  const judge = (name: 'calls' | 'first' | 'last', goal: number) =>
    `${goal}${Math.max(...pick(name)) <= goal ? '' : ' MISSED'}`
  printTable(`run-batch around a step that does nothing, median of ${rounds} [least–most]`, [
    ['', 'figure', 'goal, at most'],
    ['API calls of controller and machine', spread(pick('calls')), judge('calls', 25)],
    ['seconds from the command to the first log line', spread(pick('first'), 2), judge('first', 2)],
    ["seconds from the step's end to the exit", spread(pick('last'), 2), judge('last', 1)],
  ])
}

const batch = `name: bench
machine: { image: mayfly-local, type: e2-small, zones: [us-central1-a] }
timeout: 10m
steps: [{ run: 'date "+ended %s.%N"' }]
`

async function run(
  cwd: string,
  url: string,
  command: readonly string[],
): Promise<{ first: number; last: number }> {
  const began = Date.now()
  const child = spawn(
    process.execPath,
    [join(root, 'dist/cli/main.js'), ...command, '--project', 'bench', '--bucket', 'bench'],
    {
      cwd,
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {
        ...process.env,
        STORAGE_EMULATOR_HOST: url,
        CLOUDSDK_API_ENDPOINT_OVERRIDES_COMPUTE: `${url}/compute/v1/`,
      },
    },
  )
  let said = ''
  let first = Number.NaN
  child.stdout.on('data', (text) => {
    said += text
    if (Number.isNaN(first) && said.includes('ended ')) first = (Date.now() - began) / 1000
  })
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`mayfly ${command.join(' ')} ended with ${code}:\n${said}`)
  const ended = Number(/ended ([\d.]+)/.exec(said)?.[1] ?? Number.NaN)
  return { first, last: Date.now() / 1000 - ended }
}
