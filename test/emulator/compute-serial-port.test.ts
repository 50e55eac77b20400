import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openSerialPort } from '../../emulator/compute/serial-port.ts'

const kept = 1024 * 1024

async function openDirectory() {
  const path = await mkdtemp(join(tmpdir(), 'mayfly-serial-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) }
}

test('a serial port gives what came after an offset, and where to go on', async () => {
  await using directory = await openDirectory()
  const port = openSerialPort(directory.path)
  expect(port.read(0)).toEqual({ contents: '', start: 0, next: 0 })
  port.write('héllo\n')
  expect(port.read(0)).toEqual({ contents: 'héllo\n', start: 0, next: 7 })
  port.write('world\n')
  expect(port.read(7)).toEqual({ contents: 'world\n', start: 7, next: 13 })
  expect(port.read(99)).toEqual({ contents: '', start: 13, next: 13 })
})

test('a serial port forgets all but its last MiB, and the start that it gives shows the gap', async () => {
  await using directory = await openDirectory()
  const port = openSerialPort(directory.path)
  const line = `${'x'.repeat(999)}\n`
  for (let count = 0; count < 5000; count++) port.write(line)
  port.write('end\n')

  // Another process, which has not written it, reads the same.
  for (const reader of [port, openSerialPort(directory.path)]) {
    const { contents, start, next } = reader.read(0)
    expect(next).toBe(5_000_004)
    expect(start).toBe(next - kept)
    expect(contents).toHaveLength(kept)
    expect(contents.endsWith('x\nend\n')).toBe(true)
  }
  expect(await readdir(directory.path)).toHaveLength(1)
})
