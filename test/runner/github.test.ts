import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { readAction, runAction, startAction } from './github.ts'
import { writeScripts } from './scripts.ts'

/** Source of a program that appends text to one of the runner's files. */
function append(file: string, text: string): string {
  return `import('node:fs').then((fs) => fs.appendFileSync(process.env.${file}, ${JSON.stringify(text)}))\n`
}

test('hands outputs, state and summary on, and state to the post step', async () => {
  using scripts = writeScripts({
    main: [
      append('GITHUB_OUTPUT', 'plain=a=b\nmany<<END\none\n\ntwo\nEND\n'),
      append('GITHUB_STATE', 'vm<<E\nvm-1\nE\n'),
      append('GITHUB_STEP_SUMMARY', '# Done\n'),
    ].join(''),
    post: 'console.log(`post of ${process.env.STATE_vm} with ${process.env.INPUT_SIZE}`)',
  })

  const result = await runAction({ ...scripts, inputs: { size: '8', color: '' } })

  expect(result).toMatchObject({
    exitCode: 0,
    outputs: { plain: 'a=b', many: 'one\n\ntwo' },
    state: { vm: 'vm-1' },
  })
  expect(result.summary).toBe('# Done\n')
  expect(result.post).toMatchObject({ exitCode: 0, log: 'post of vm-1 with 8\n' })
})

test('acts on commands, masks what follows, and shows the rest', async () => {
  using scripts = writeScripts({
    main: `console.log([
      'open s3cret', '::add-mask::s3cret%0Asecond', 'now s3cret and second', '::group::Title', '::endgroup::',
      '::error file=a%2Cb.yaml,line=3,col=5::bad%0Aworse', 'a line with ##[warning]old style', '::nonsense::x',
      '::stop-commands::tok', '::error::quoted', '::tok::', '::notice::again',
    ].join('\\n'))`,
  })

  const { log, annotations, commands } = await runAction({ ...scripts, inputs: {} })

  expect(log.split('\n')).toEqual([
    ...['open s3cret', 'now *** and ***', '##[group]Title', '##[endgroup]', '##[error]bad', 'worse'],
    ...['##[warning]old style', '::nonsense::x', '::stop-commands::tok', '::error::quoted', '::tok::'],
    ...['##[notice]again', ''],
  ])
  expect(annotations).toEqual([
    { level: 'error', message: 'bad\nworse', file: 'a,b.yaml', line: 3, column: 5 },
    { level: 'warning', message: 'old style' },
    { level: 'notice', message: 'again' },
  ])
  expect(commands).toEqual(['add-mask', 'group', 'endgroup', 'error', 'warning', 'stop-commands', 'notice'])
})

const stubborn = `
for (const name of ['SIGINT', 'SIGTERM']) process.on(name, () => console.log('ignored ' + name))
${append('GITHUB_STATE', 'vm=vm-1\n')}
setInterval(() => {}, 1000)
console.log('working')
`

test('cancels by SIGINT, SIGTERM and SIGKILL, and the post step still runs', async () => {
  using scripts = writeScripts({ main: stubborn, post: 'console.log(process.env.STATE_vm)' })
  const running = startAction({ ...scripts, inputs: {} }, { patienceMs: { interrupt: 100, terminate: 100 } })

  await running.sees(/working/)
  running.cancel()
  const result = await running.ended

  expect(result).toMatchObject({ exitCode: 137, signal: 'SIGKILL', state: { vm: 'vm-1' } })
  expect(result.log).toBe('working\nignored SIGINT\nignored SIGTERM\n')
  expect(result.post?.log).toBe('vm-1\n')
})

test('a lost runner leaves no post step', async () => {
  using scripts = writeScripts({ main: stubborn, post: '' })
  const running = startAction({ ...scripts, inputs: {} })

  await running.sees(/working/)
  running.loseRunner()

  expect(await running.ended).not.toHaveProperty('post')
})

test('waiting for what never comes fails with the log', async () => {
  using scripts = writeScripts({ main: 'console.log("something else")' })
  const running = startAction({ ...scripts, inputs: {} })

  await expect(running.sees(/working/)).rejects.toThrow(/something else/)
  await running.ended
})

test('reads an action.yml, its defaults and the matrix', async () => {
  using scripts = writeScripts({
    main: 'console.log(process.env.INPUT_SIZE, JSON.parse(process.env.INPUT_MATRIX).os)',
  })
  const path = join(dirname(scripts.main), 'action.yml')
  const inputs = 'inputs:\n  size: { default: 8 }\n  matrix: { default: "${{ toJSON(matrix) }}" }\n'
  writeFileSync(path, `${inputs}runs: { using: node24, main: ./main.mjs }\n`)

  const { log } = await runAction(readAction(path), { matrix: { os: 'debian' } })

  expect(log).toBe('8 debian\n')
})
