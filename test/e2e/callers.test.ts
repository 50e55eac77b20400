import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { findTool, needAll, testWith } from '../tools.ts'
import { type CallersStage, setCallersStage } from './callers-stage.ts'

const python = findTool('python3', ['python3', '--version'], false)
const cron = needAll(
  findTool('a namespace of its own', ['unshare', '--mount', '--pid', '--fork', 'true'], false),
  findTool('cron', ['sh', '-c', 'command -v cron'], true),
)
const bash = findTool('bash', ['bash', '--version'], true)

const root = join(import.meta.dirname, '../..')
const date = '2026-11-01'

interface RundeckJob {
  readonly options: readonly { readonly name: string; readonly value: string; readonly regex: string }[]
  readonly sequence: { readonly commands: readonly { readonly exec: string }[] }
}

/** The command of Rundeck's job, with an option as its form or its API would give it. */
function fillRundeck(stage: CallersStage, given?: string): string {
  const [job] = parse(stage.readCaller('rundeck.yaml')) as readonly RundeckJob[]
  const [option] = job?.options ?? []
  const value = given ?? option?.value ?? ''
  if (!new RegExp(option?.regex ?? '').test(value)) throw new Error(`Rundeck refuses the value "${value}"`)
  const exec = job?.sequence.commands[0]?.exec ?? ''
  const filled = exec.replaceAll(`\${option.${option?.name}}`, value)
  // All that Rundeck would fill in is filled in.
  expect(filled).not.toContain('${')
  return filled
}

type Dig = Readonly<Record<`+${string}`, { readonly 'sh>': string }>>

/** A command of Digdag's workflow, for a session. */
function fillDigdag(stage: CallersStage, task: `+${string}`): string {
  const command = (parse(stage.readCaller('nightly.dig')) as Dig)[task]?.['sh>'] ?? ''
  const filled = command.replaceAll('${session_date}', date)
  expect(filled).not.toContain('${')
  return filled
}

/** What the file gives to each BashOperator, read by Python itself and without Airflow. */
const readOperators = `
import ast, json, sys
tree = ast.parse(sys.stdin.read())
calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "BashOperator"]
literal = lambda node: None if isinstance(node, ast.Call) else ast.literal_eval(node)
print(json.dumps([{word.arg: literal(word.value) for word in call.keywords} for call in calls]))
`

interface BashOperator {
  readonly bash_command: string
  readonly cwd?: string
  readonly env: Readonly<Record<string, string>>
  readonly append_env: boolean
}

function readDag(stage: CallersStage): readonly BashOperator[] {
  const input = stage.readCaller('airflow.py')
  const operators = JSON.parse(execFileSync('python3', ['-c', readOperators], { input, encoding: 'utf8' }))
  return operators.map((operator: BashOperator) => {
    const command = operator.bash_command.replaceAll('{{ ds }}', date)
    // All that Airflow's Jinja would fill in is filled in.
    expect(command).not.toContain('{{')
    return { ...operator, bash_command: command }
  })
}

test('Rundeck, Digdag and another Rundeck ask for one day at once: one machine, and all have its end', async () => {
  await using stage = await setCallersStage()
  const shell = (command: string, cwd?: string) => stage.call(['/bin/sh', '-c', command], stage.pointers, cwd)
  const ends = await Promise.all([
    shell(fillRundeck(stage, date)),
    shell(fillDigdag(stage, '+train'), stage.repository),
    shell(fillRundeck(stage, date)),
  ])
  for (const { exitCode, log } of ends) {
    expect(exitCode, log).toBe(0)
    expect(log).toContain('nightly succeeded')
  }
  expect(stage.countMachines()).toBe(1)
  const check = await shell(fillDigdag(stage, '+check'), stage.repository)
  expect([check.exitCode, check.log]).toEqual([0, expect.stringContaining('nightly is well')])
  stage.expectNothingLeft()
})

test("Rundeck's form lets nothing but a date into the command, and today is the default", async () => {
  await using stage = await setCallersStage()
  expect(() => fillRundeck(stage, '2026-11-01; rm -rf /')).toThrow('refuses')
  expect(fillRundeck(stage)).toContain('--param date=today --retry')
})

testWith(
  needAll(python, bash),
  "Airflow's file compiles, and its commands run as BashOperator runs them",
  async () => {
    await using stage = await setCallersStage()
    execFileSync('python3', ['-m', 'py_compile', join(root, 'examples/callers/airflow.py')], {
      env: { ...process.env, PYTHONPYCACHEPREFIX: stage.repository },
    })
    const operators = readDag(stage)
    expect(operators).toHaveLength(2)
    for (const { bash_command: command, cwd, env, append_env: append } of operators) {
      expect(append).toBe(true)
      const { exitCode, log } = await stage.call(['bash', '-c', command], { ...stage.pointers, ...env }, cwd)
      expect(exitCode, log).toBe(0)
    }
    expect(await stage.countMachines()).toBe(1)
    stage.expectNothingLeft()
  },
)

/** A cron of its own: its tables, its /run and its processes are nobody else's, and go with it. */
const startCron = `
set -eu
mount -t tmpfs none /var/spool/cron/crontabs
mount -t tmpfs none /etc/cron.d
mount -t tmpfs none /run
mount --bind /dev/null /etc/crontab
install -m 600 "$1" /var/spool/cron/crontabs/root
exec cron -f
`

testWith(cron, 'cron takes the crontab, and runs its lines with what little cron gives', async () => {
  await using stage = await setCallersStage()
  // The pointers to the local cloud stand where a team has its project; @reboot is now, in place of the night.
  const { PATH: _, ...cloud } = stage.pointers
  const settings = Object.entries(cloud).map(([name, value]) => `${name}=${value}`)
  const shown = stage.readCaller('crontab')
  const [first = ''] = shown.match(/^30 2 .*$/m) ?? []
  const head = shown.split('\n').filter((line) => /^[A-Z_]+=/.test(line))
  const table = join(stage.repository, '../crontab')
  writeFileSync(table, `${[...settings, ...head, first.replace(/^30 2 \* \* \*/, '@reboot')].join('\n')}\n`)
  execFileSync('crontab', ['-n', join(root, 'examples/callers/crontab')])

  const daemon = spawn(
    'unshare',
    ['--mount', '--pid', '--fork', '--kill-child', 'sh', '-c', startCron, 'sh', table],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  const log = join(stage.repository, 'nightly.log')
  const readLog = () => (existsSync(log) ? readFileSync(log, 'utf8') : '')
  try {
    while (!/machine gone|error:|not found/.test(readLog()) && daemon.exitCode === null) await pause(100)
  } finally {
    daemon.kill('SIGKILL')
    if (daemon.exitCode === null && daemon.signalCode === null) await once(daemon, 'close')
  }
  expect(readLog()).toContain('✔ nightly succeeded')
  expect(stage.countMachines()).toBe(1)

  // The line of two hours later, by the shell and the environment that cron has: it finds the run.
  const [second = ''] = shown.match(/^30 4 .*$/m) ?? []
  const bare = Object.fromEntries([...settings, ...head].map((line) => line.split(/=(.*)/s).slice(0, 2)))
  const home = join(stage.repository, '../home')
  const env = { ...bare, SHELL: '/bin/sh', HOME: home, LOGNAME: 'root' }
  const again = await stage.call(['/bin/sh', '-c', second.replace(/^30 4 \* \* \* /, '')], env, home)
  expect(again.exitCode, readLog()).toBe(0)
  expect(readLog()).toContain('found under its key; nothing was run again')
  expect(stage.countMachines()).toBe(1)
  stage.expectNothingLeft()
})

test('a failed run is another attempt for a caller that tries again, and no other machine for one that does not', async () => {
  await using stage = await setCallersStage()
  const batch = readFileSync(join(stage.repository, 'batch.yaml'), 'utf8')
  mkdirSync(join(stage.repository, '../switch'))
  const broken = join(stage.repository, '../switch/broken')
  writeFileSync(broken, '')
  await stage.write({ 'batch.yaml': batch.replace('run: ', `run: test ! -e ${broken} && `) })
  const command = fillRundeck(stage, date)
  const shell = (line: string) => stage.call(['/bin/sh', '-c', line], stage.pointers)
  expect((await shell(command)).exitCode).toBe(1)
  expect((await shell(command.replace(' --retry', ''))).exitCode).toBe(1)
  expect(stage.countMachines()).toBe(1)
  execFileSync('rm', [broken])
  expect((await shell(command)).exitCode).toBe(0)
  expect(stage.countMachines()).toBe(2)
  stage.expectNothingLeft()
})
