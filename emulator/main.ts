import { runProgram } from './daemon/program.ts'

await runProgram(process.argv.slice(2))
