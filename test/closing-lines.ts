import type { Reporter, TestCase, TestModule } from 'vitest/node'

/** Ends a run with what was skipped and why, and with one plain line of counts. */
export class ClosingLines implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const cases = modules.flatMap((module) => [...module.children.allTests()])
    const broken = modules.filter((module) => module.errors().length > 0).length
    const skipped = cases.filter((test) => test.result().state === 'skipped')
    for (const test of skipped) console.log(`skipped: ${test.fullName}: ${readReason(test)}`)
    const count = (state: string) => cases.filter((test) => test.result().state === state).length
    console.log(`\n${count('passed')} passed, ${count('failed') + broken} failed, ${skipped.length} skipped`)
  }
}

function readReason(test: TestCase): string {
  const result = test.result()
  return (result.state === 'skipped' && result.note) || 'no reason given'
}
