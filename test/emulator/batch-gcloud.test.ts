import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'vitest'
import { startEmulator } from '../../emulator/index.ts'
import { findTool, testWith } from '../tools.ts'
import { until } from './compute-calls.ts'

const gcloud = findTool('gcloud', ['gcloud', '--version'], false)

const job = {
  taskGroups: [
    { taskCount: 3, taskSpec: { runnables: [{ script: { text: '[ "$BATCH_TASK_INDEX" != 1 ]' } }] } },
  ],
  allocationPolicy: {
    instances: [{ policy: { bootDisk: { image: 'projects/acme/global/images/family/mayfly-local' } } }],
  },
  logsPolicy: { destination: 'CLOUD_LOGGING' },
}

testWith(gcloud, 'gcloud submits a job, describes it and its tasks, and deletes it', async () => {
  await using emulator = await startEmulator({ compute: { delayMs: 0 } })
  const config = await mkdtemp(join(tmpdir(), 'mayfly-gcloud-'))
  const run = async (command: string) => {
    const { stdout } = await promisify(execFile)('gcloud', ['batch', ...command.split(' ')], {
      env: {
        PATH: process.env.PATH ?? '',
        HOME: config,
        CLOUDSDK_CONFIG: config,
        CLOUDSDK_CORE_PROJECT: 'acme',
        CLOUDSDK_CORE_DISABLE_PROMPTS: '1',
        CLOUDSDK_CORE_DISABLE_USAGE_REPORTING: '1',
        CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK: '1',
        CLOUDSDK_AUTH_DISABLE_CREDENTIALS: '1',
        CLOUDSDK_API_ENDPOINT_OVERRIDES_BATCH: `${emulator.url}/`,
      },
    })
    return stdout.trim()
  }
  try {
    const file = join(config, 'job.json')
    await writeFile(file, JSON.stringify(job))
    const place = '--location=us-central1'
    await run(`jobs submit hello ${place} --config=${file}`)
    const state = `jobs describe hello ${place} --format=value(status.state)`
    await until(async () => (await run(state)) === 'FAILED')
    expect(await run(`jobs list ${place} --format=value(name.basename(),status.state)`)).toBe('hello\tFAILED')
    const tasks = `tasks list ${place} --job=hello --format=value(name.basename(),status.state)`
    expect(await run(tasks)).toBe('0\tSUCCEEDED\n1\tFAILED\n2\tSUCCEEDED')
    const one = `tasks describe 1 ${place} --job=hello --task_group=group0`
    expect(await run(`${one} --format=value(status.statusEvents[-1].taskExecution.exitCode)`)).toBe('1')
    await run(`jobs delete hello ${place}`)
    expect(await run(`jobs list ${place} --format=value(name)`)).toBe('')
    expect(emulator.unknown()).toEqual([])
  } finally {
    await rm(config, { recursive: true, force: true })
  }
})
