import { runProgram } from './daemon/program.ts'

try {
  await runProgram(process.argv.slice(2))
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`)
  process.exit(70)
}
