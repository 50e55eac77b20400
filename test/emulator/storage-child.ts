import { startEmulator } from '../../emulator/index.ts'

// An emulator for tests that kill it. Says its address once it has a bucket.
const [stateDir = ''] = process.argv.slice(2)
const { url } = await startEmulator({ stateDir })
await fetch(`${url}/storage/v1/b`, { method: 'POST', body: '{"name":"lake"}' })
console.log(url)
