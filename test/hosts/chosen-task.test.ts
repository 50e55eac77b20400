import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runAction } from '../runner/github.ts'

function runRoot(inputs: Record<string, string>) {
  return runAction({ main: join(import.meta.dirname, 'fixtures/chosen-main.ts'), inputs: {} }, { inputs })
}

test('the root action runs the task that is named, with the other inputs', async () => {
  const { exitCode, outputs } = await runRoot({ task: 'echo', say: 'hi' })

  expect(exitCode).toBe(0)
  expect(outputs.said).toBe('hi')
})

test.each([
  [{ task: 'ecko', say: 'hi' }, 'task: expected echo or echo-post, got "ecko". Did you mean "echo"?'],
  [{ say: 'hi' }, 'task: expected echo or echo-post, got nothing.'],
])('a task that there is not: %j', async (inputs, message) => {
  const { exitCode, annotations } = await runRoot(inputs)

  expect(exitCode).toBe(64)
  expect(annotations).toEqual([{ level: 'error', message }])
})
