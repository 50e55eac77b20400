/** Below this, a line of a longer secret is punctuation, such as the braces of a JSON key. */
const shortestLine = 4

/** What to hide of a secret: each line by itself, since a log is looked at line by line. */
export function splitSecret(secret: string): readonly string[] {
  const lines = secret.split(/[\r\n]+/).map((line) => line.trim())
  if (lines.length === 1) return lines.filter((line) => line !== '')
  return lines.filter((line) => line.length >= shortestLine)
}

/** Replaces secrets, where a CI system has no masks that a program could add to. */
export function openMask(): { add(secret: string): void; apply(text: string): string } {
  const secrets: string[] = []
  return {
    add: (secret) => void secrets.push(...splitSecret(secret)),
    apply: (text) => secrets.reduce((masked, secret) => masked.replaceAll(secret, '******'), text),
  }
}
