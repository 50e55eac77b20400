import type { Writable } from 'node:stream'

/** Longer lines are of no use on a serial console, and one above 64 KiB kills the script (guest-agent#149). */
const longestLine = 400

/** Says a short line on the serial console, which is where the bootstrap has left standard output. */
export function say(text: string): void {
  const line = `mayfly: ${text.replace(/\s+/g, ' ').trim()}`
  process.stdout.write(`${line.length > longestLine ? `${line.slice(0, longestLine - 1)}…` : line}\n`)
}

/** Lets the agent live on when nobody reads the console any more, or the disk of its own log is full. */
export function outliveConsole(streams: readonly Writable[] = [process.stdout, process.stderr]): void {
  for (const stream of streams) stream.on('error', () => undefined)
}
