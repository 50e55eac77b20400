import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'

const cli = join(import.meta.dirname, '../../dist/cli/main.js')

/** A place for the demo to play in, of which nothing may be left; `programs` come before those of the computer. */
async function runDemo(programs: Readonly<Record<string, string>> = {}) {
  const home = mkdtempSync(join(tmpdir(), 'mayfly-demo-test-'))
  const bin = join(home, 'bin')
  const temporary = join(home, 'tmp')
  for (const folder of [bin, temporary]) mkdirSync(folder)
  for (const [name, source] of Object.entries(programs)) {
    writeFileSync(join(bin, name), source)
    chmodSync(join(bin, name), 0o755)
  }
  const child = spawn(process.execPath, [cli, 'demo', '--json'], {
    env: { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}`, TMPDIR: temporary },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [stdout, stderr, [exitCode]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ])
  const left = readdirSync(temporary)
  rmSync(home, { recursive: true, force: true })
  return { stdout, stderr, exitCode, left }
}

test('the demo shows what it says', async () => {
  const { stdout, stderr, exitCode, left } = await runDemo()

  expect(exitCode, stderr).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({
    run: expect.stringMatching(/^runs\/train-penguins\/[0-9a-f]+$/),
    examples: 69,
    inserts: 1,
    machines: 0,
    disks: 0,
  })
  expect(stderr).toMatch(/machine gone, verified \d\d:\d\d:\d\d UTC/)
  expect(stderr).toContain('found under its key; nothing was run again')
  expect(stderr).toContain('error: penguins@v1.0.0 was uploaded before, with other code.')
  expect(left).toEqual([])
})

test('a demo in which something is not as it should be fails, and tidies up', async () => {
  const git = '#!/bin/sh\ncase "$*" in *archive*) exit 7 ;; esac\nPATH=${PATH#*:} exec git "$@"\n'
  const { stdout, stderr, exitCode, left } = await runDemo({ git })

  expect(exitCode).toBe(70)
  expect(stdout).toBe('')
  expect(stderr).toMatch(
    /error: `mayfly local upload-code v1\.0\.0` ended with \d+ and not with 0, as it should\.\n/,
  )
  expect(left).toEqual([])
})
