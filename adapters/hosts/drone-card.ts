import { writeFileSync } from 'node:fs'
import type { Card } from '../../core/host.ts'

/** How our card looks. Drone's page fetches it in the browser of whoever looks at the build (drone-ui, card.jsx). */
const usualTemplate = 'https://raw.githubusercontent.com/OWNER/mayfly/v1/drone-plugins/card.json'

/**
 * Hands a card to Drone's runner: in a file, or in the log, where the runner takes it out if it begins a line
 * (drone/runner-go, livelog/extractor). What leads Drone nowhere is no reason to fail.
 */
export function writeCard(
  { DRONE_CARD_PATH: path, MAYFLY_CARD_TEMPLATE: template }: NodeJS.ProcessEnv,
  { title, facts }: Card,
  failure: string | undefined,
  log: { text(text: string): void; line(line: string): void },
): void {
  if (!path) return
  const data = { title, facts: facts.map(([label, fact]) => ({ label, fact })), failure: failure ?? '' }
  const card = JSON.stringify({ schema: template || usualTemplate, data })
  if (path === '/dev/stdout' || path === '/dev/stderr') {
    log.text(`\u001b]1338;${Buffer.from(card).toString('base64')}\u001b]0m\n`)
    return
  }
  try {
    writeFileSync(path, card)
  } catch (error) {
    log.line(`Warning: the card was not written: ${(error as Error).message}`)
  }
}
