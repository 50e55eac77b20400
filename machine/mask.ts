const shown = '***'

/** What is shorter is found in every text: it cannot be hidden, and it is hardly a secret. */
export const shortestHidden = 4

/** Hides secrets in what is said, in whole texts and in text that comes in pieces. */
export class Mask {
  readonly #words = new Set<string>()
  /** By their first letters. */
  readonly #byLetter = new Map<string, string[]>()
  #longest = 0
  #held = ''
  /** So much at the beginning of what is held belongs to a secret whose stars have gone out. */
  #covered = 0

  /** From now on this is hidden, each of its lines by itself. */
  add(secret: string): void {
    for (const word of listWords(secret)) {
      if (this.#words.has(word)) continue
      this.#words.add(word)
      const letter = word[0] as string
      this.#byLetter.set(letter, [...(this.#byLetter.get(letter) ?? []), word])
      this.#longest = Math.max(this.#longest, word.length)
    }
  }

  /** A text that is whole. */
  hide(text: string): string {
    return this.#show(text, text.length, 0).text
  }

  /** The next piece of a text, without its secrets; an end that may be the beginning of one is held back. */
  push(piece: string): string {
    const all = this.#held + piece
    const end = all.length - this.#measureBeginning(all)
    const { text, covered } = this.#show(all, end, this.#covered)
    this.#held = all.slice(end)
    this.#covered = covered
    return text
  }

  /** What was held back, when no more comes. */
  end(): string {
    const { text } = this.#show(this.#held, this.#held.length, this.#covered)
    this.#held = ''
    this.#covered = 0
    return text
  }

  /** The text up to `end`; secrets reach over it where more of them has come. */
  #show(all: string, end: number, coveredBefore: number): { text: string; covered: number } {
    let text = ''
    let at = coveredBefore
    for (const [from, to] of this.#find(all)) {
      if (from >= end) break
      // One that begins within the last is of the same stars.
      if (from >= at) text += all.slice(at, from) + shown
      at = Math.max(at, to)
    }
    return { text: text + all.slice(at, Math.max(at, end)), covered: Math.max(0, at - end) }
  }

  /** Where words stand, in order; also those that share a part, so that nothing is left of either. */
  #find(text: string): readonly (readonly [from: number, to: number])[] {
    const found: [number, number][] = []
    for (const word of this.#words)
      for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1))
        found.push([at, at + word.length])
    return found.sort((a, b) => a[0] - b[0])
  }

  /** How much of the text's end may be the beginning of a word. */
  #measureBeginning(text: string): number {
    for (let from = Math.max(0, text.length - this.#longest + 1); from < text.length; from++) {
      const length = text.length - from
      for (const word of this.#byLetter.get(text[from] as string) ?? [])
        if (word.length > length && word.startsWith(text.slice(from))) return length
    }
    return 0
  }
}

/** Forms in which a secret, or a part of it that gives access by itself, may stand on a line. */
function listWords(secret: string): readonly string[] {
  const parts = [
    ...secret.split(/[\r\n]+/),
    ...listTexts(readJson(secret)).flatMap((text) => text.split(/[\r\n]+/)),
  ]
  const words = parts
    .map((part) => part.trim())
    .flatMap((part) => [part, JSON.stringify(part).slice(1, -1), encode(part)])
  // Without its end, which is another one where more stands behind the secret.
  const encoded = Buffer.from(secret).toString('base64').replace(/.=+$/, '')
  return [...words, encoded].filter((word) => word.length >= shortestHidden)
}

/** As in an address. Half a character, which JSON can hold, has no such form. */
function encode(text: string): string {
  try {
    return encodeURIComponent(text)
  } catch {
    return text
  }
}

function readJson(text: string): unknown {
  try {
    return /^\s*[{[]/.test(text) ? JSON.parse(text) : undefined
  } catch {
    return undefined
  }
}

function listTexts(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(listTexts) : []
}
