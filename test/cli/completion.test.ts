import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { findTool, type Tool, testWith } from '../tools.ts'
import { openFolder, runMayfly } from './mayfly.ts'

/** Asks a shell, with the script that is printed for it, what may stand behind each line. */
type Ask = (script: string, lines: readonly string[], cwd: string) => readonly (readonly string[])[]

function runShell(program: string, args: readonly string[], source: string, cwd: string): string {
  return execFileSync(program, [...args, source], {
    cwd,
    encoding: 'utf8',
    env: { PATH: process.env.PATH, HOME: cwd, TERM: 'dumb' },
    timeout: 30_000,
  })
}

function readAnswers(text: string, count: number): readonly (readonly string[])[] {
  const parts = text.split('== \n').slice(1)
  expect(parts).toHaveLength(count)
  return parts.map((part) => part.split('\n').filter((word) => word !== ''))
}

const askBash: Ask = (script, lines, cwd) => {
  const source = lines.map((line) => {
    const words = line.split(' ')
    return `COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _mayfly; echo '== '; printf '%s\n' "\${COMPREPLY[@]}"`
  })
  const said = runShell('bash', ['--norc', '-c'], `${script}\n${source.join('\n')}`, cwd)
  return readAnswers(said, lines.length)
}

// Zsh's own functions want a terminal; what they are given is what counts here.
const zshStage = `
compdef() { :; }
_files() { :; }
_describe() { local name=$@[-1] word; for word in \${(P)name}; do [[ \${word%%:*} == $words[CURRENT]* ]] && print -r -- \${word%%:*}; done; :; }
`

const askZsh: Ask = (script, lines, cwd) => {
  const source = lines.map((line) => {
    const words = line.split(' ')
    return `words=(${words.map((word) => `'${word}'`).join(' ')}); CURRENT=${words.length}; echo '== '; _mayfly`
  })
  return readAnswers(
    runShell('zsh', ['-f', '-c'], `${zshStage}${script}\n${source.join('\n')}`, cwd),
    lines.length,
  )
}

const askFish: Ask = (script, lines, cwd) => {
  const source = lines.map((line) => `echo '== '; complete -C '${line}'`)
  const said = runShell('fish', ['--no-config', '-c'], `${script}\n${source.join('\n')}`, cwd)
  return readAnswers(said, lines.length).map((words) => words.map((word) => word.split('\t')[0] ?? ''))
}

const shells: readonly (readonly [Tool, Ask])[] = [
  [findTool('bash', ['bash', '--version'], true), askBash],
  [findTool('zsh', ['zsh', '--version'], true), askZsh],
  [findTool('fish', ['fish', '--version'], true), askFish],
]

for (const [tool, ask] of shells) {
  testWith(tool, `${tool.name} completes commands and flags`, async () => {
    await using folder = openFolder()
    const { stdout, exitCode } = await runMayfly(['completion', tool.name])
    expect(exitCode).toBe(0)

    const [all, runs, locals, flags, negated, deep, help, unknown] = ask(
      stdout,
      [
        'mayfly ',
        'mayfly runs ',
        'mayfly local runs l',
        'mayfly upload-code --d',
        'mayfly run-batch batch.yaml --no',
        'mayfly local run-batch --st',
        'mayfly help doc',
        'mayfly nothing ',
      ],
      folder.path,
    )

    expect(all).toEqual(expect.arrayContaining(['run-batch', 'runs', 'local', 'doctor']))
    expect([...(runs ?? [])].sort()).toEqual(['cancel', 'list', 'logs', 'show'])
    expect([...(locals ?? [])].sort()).toEqual(['list', 'logs'])
    expect(flags).toEqual(['--dry-run'])
    expect(negated).toEqual(['--no-wait'])
    expect(deep).toEqual(['--state'])
    expect(help).toEqual(['doctor'])
    expect(unknown?.includes('list')).toBe(false)
  })
}

test('another shell is refused with the nearest one', async () => {
  expect(await runMayfly(['completion', 'bahs'])).toEqual({
    exitCode: 64,
    stdout: '',
    stderr: 'error: <shell>: expected one of bash, zsh, fish, got "bahs". Did you mean "bash"?\n',
  })
})

const shellcheck = findTool('shellcheck', ['shellcheck', '--version'], true)

testWith(shellcheck, 'the script for bash passes shellcheck', async () => {
  const { stdout } = await runMayfly(['completion', 'bash'])
  execFileSync('shellcheck', ['--shell=bash', '-'], { input: stdout })
})
