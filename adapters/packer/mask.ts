const shown = '***'

/** A line without its secrets. */
export type Mask = (line: string) => string

/**
 * Hides secrets in whole lines of output. A secret of several lines is hidden line by line, and each also in the form
 * that Ansible's JSON gives it.
 */
export function openMask(secrets: readonly string[]): Mask {
  const words = new Set(secrets.flatMap(listForms))
  // The longest first, so that a secret inside another one leaves nothing of it.
  const ranked = [...words].sort((a, b) => b.length - a.length)
  return (line) => ranked.reduce((text, word) => text.replaceAll(word, shown), line)
}

function listForms(secret: string): readonly string[] {
  const lines = secret.split(/\r?\n/).map((line) => line.trim())
  // The braces of a JSON key are no secret, and without them nothing could be read any more.
  const parts = lines.length === 1 ? lines : [secret, ...lines.filter((line) => line.length >= 4)]
  return parts.filter((part) => part !== '').flatMap((part) => [part, JSON.stringify(part).slice(1, -1)])
}

/** Cuts text that comes in pieces into lines; `end` gives the last one if it had no newline. */
export function openLines(take: (line: string) => void): { write(text: string): void; end(): void } {
  let rest = ''
  return {
    write(text) {
      const lines = (rest + text).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) take(line.replace(/\r$/, ''))
    },
    end() {
      if (rest !== '') take(rest)
      rest = ''
    },
  }
}
