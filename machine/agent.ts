import { live } from './life.ts'

await live(process.argv[2] ?? process.cwd())
