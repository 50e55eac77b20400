// Slack's own markup: https://docs.slack.dev/messaging/formatting-message-text

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }

/** Text that means nothing but itself, at most so many characters long once it is escaped. */
export function escapeText(text: string, limit: number): string {
  let length = 0
  let whole = ''
  for (const character of text) {
    const escaped = escapes[character] ?? character
    length += escaped.length
    whole += escaped
    if (length > limit) return `${cutEscaped(text, limit - 1)}…`
  }
  return whole
}

/** As many whole characters as there is room for. */
function cutEscaped(text: string, limit: number): string {
  let cut = ''
  for (const character of text) {
    const escaped = escapes[character] ?? character
    if (cut.length + escaped.length > limit) break
    cut += escaped
  }
  return cut
}

/** Somewhere to go on reading. */
export interface Link {
  readonly label: string
  readonly url: string
}

/** A link; its label alone where the address is none that a browser opens. */
export function writeLink({ label, url }: Link): string {
  const shown = escapeText(label.replaceAll('|', '¦'), 100)
  if (!/^https?:\/\//.test(url)) return shown
  // These would end the address.
  const address = url.replace(/[<>|\s]/g, encodeURIComponent).replaceAll('&', '&amp;')
  return `<${address}|${shown}>`
}
