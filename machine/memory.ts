import { readFile } from 'node:fs/promises'

/** How many processes the kernel has killed for want of memory since it began, in containers too. 0 where nobody counts. */
export async function countOomKills(): Promise<number> {
  const text = await readFile('/proc/vmstat', 'utf8').catch(() => '')
  return Number(/^oom_kill (\d+)$/m.exec(text)?.[1] ?? 0)
}
