import { execFileSync } from 'node:child_process'
import { type TestContext, test } from 'vitest'

/** A program that some tests need. */
export interface Tool {
  readonly name: string
  readonly found: boolean
  /** `scripts/install-tools` brings it, so that CI has no excuse. */
  readonly installed: boolean
}

/** Looks for a program by running it. */
export function findTool(name: string, command: readonly string[], installed: boolean): Tool {
  try {
    const [program = '', ...args] = command
    execFileSync(program, args, { stdio: 'ignore', timeout: 20_000 })
    return { name, found: true, installed }
  } catch {
    return { name, found: false, installed }
  }
}

/** The first of the tools that is missing; the last when none is. */
export function needAll(...tools: readonly [Tool, ...Tool[]]): Tool {
  return tools.find(({ found }) => !found) ?? (tools.at(-1) as Tool)
}

/** A test that needs a tool: skipped by name with the reason where it is missing, failed for that in CI. */
export function testWith(
  tool: Tool,
  name: string,
  body: (context: TestContext) => Promise<void> | void,
  timeoutSeconds?: number,
): void {
  const options = timeoutSeconds === undefined ? {} : { timeout: timeoutSeconds * 1000 }
  test(name, options, async (context) => {
    if (tool.found) return body(context)
    if (tool.installed && process.env.MAYFLY_REQUIRE_TOOLS === '1')
      throw new Error(`${tool.name} is missing; scripts/install-tools should have installed it.`)
    context.skip(`${tool.name} is not on this machine`)
  })
}
