import { expect, test } from 'vitest'
import { runPlugin, startPlugin } from './drone.ts'
import { writeScripts } from './scripts.ts'

const printSettings = `console.log(JSON.stringify(
  Object.fromEntries(Object.entries(process.env).filter(([name]) => name.startsWith('PLUGIN_'))),
))`

test('settings arrive as each system passes them', async () => {
  using scripts = writeScripts({ printSettings })
  const settings = { 'machine-type': 'n2', count: 3, tags: ['a', 'b'], params: { date: 'today' } }

  const drone = await runPlugin(scripts.printSettings, { settings })
  const woodpecker = await runPlugin(scripts.printSettings, { settings, system: 'woodpecker' })

  const others = { PLUGIN_COUNT: '3', PLUGIN_TAGS: 'a,b', PLUGIN_PARAMS: '{"date":"today"}' }
  expect(JSON.parse(drone.log)).toEqual({ 'PLUGIN_MACHINE-TYPE': 'n2', ...others })
  expect(JSON.parse(woodpecker.log)).toEqual({ PLUGIN_MACHINE_TYPE: 'n2', ...others })
})

test('secrets are masked, and what a plugin adds itself is not', async () => {
  using scripts = writeScripts({ print: 'console.log(process.env.PLUGIN_TOKEN, "minted")' })

  const { log } = await runPlugin(scripts.print, { secrets: { token: 'hunter2' } })

  expect(log).toBe('****** minted\n')
})

test('Drone takes 78 for success', async () => {
  using scripts = writeScripts({ leave: 'process.exitCode = 78' })

  expect(await runPlugin(scripts.leave)).toMatchObject({ exitCode: 78, verdict: 'success, and stop' })
  expect(await runPlugin(scripts.leave, { system: 'woodpecker' })).toMatchObject({ verdict: 'failure' })
})

test('Drone kills at once, Woodpecker asks first', async () => {
  using scripts = writeScripts({
    polite: `process.on('SIGTERM', () => process.exit(143)); setInterval(() => {}, 1000); console.log('working')`,
  })
  const cancel = async (system: 'drone' | 'woodpecker') => {
    const running = startPlugin(scripts.polite, { system })
    await running.sees(/working/)
    running.cancel()
    return running.ended
  }

  expect(await cancel('drone')).toMatchObject({ exitCode: 137, signal: 'SIGKILL', verdict: 'failure' })
  expect(await cancel('woodpecker')).toMatchObject({ exitCode: 143 })
})

test('Drone takes a card out of the log where it begins a line; Woodpecker does not know of cards', async () => {
  const card = String.raw`'\u001b]1338;' + btoa('{"data":1}') + '\u001b]0m\n'`
  using scripts = writeScripts({
    print: `process.stdout.write('a\\n'); process.stdout.write(${card}); console.log('b')`,
    within: `process.stdout.write('a' + ${card})`,
  })

  expect(await runPlugin(scripts.print)).toMatchObject({ card: { data: 1 }, log: 'a\nb\n' })
  expect(await runPlugin(scripts.within)).not.toHaveProperty('card')
  expect(await runPlugin(scripts.print, { system: 'woodpecker' })).not.toHaveProperty('card')
})

test('Harness reads outputs from a dotenv file', async () => {
  using scripts = writeScripts({
    print: String.raw`import('node:fs').then((fs) => fs.appendFileSync(process.env.DRONE_OUTPUT, 'a=b=c\nd="1\\n2"\ne=$X\n'))`,
  })

  expect((await runPlugin(scripts.print, { system: 'harness' })).outputs).toEqual({
    a: 'b=c',
    d: '1\n2',
    e: '',
  })
})
