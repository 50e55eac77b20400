/** A log that grows, and those who wait to see something in it. */
export interface Sight {
  readonly text: () => string
  append(text: string): void
  /** Resolves once the log matches; rejects with the log when it ends without. */
  sees(pattern: RegExp): Promise<void>
  end(): void
}

export function openSight(): Sight {
  let seen = ''
  let over = false
  const waiting = new Set<() => void>()
  const wake = () => {
    for (const look of waiting) look()
  }
  return {
    text: () => seen,
    append(text) {
      seen += text
      wake()
    },
    sees(pattern) {
      return new Promise((resolve, reject) => {
        const look = () => {
          if (!pattern.test(seen) && !over) return
          waiting.delete(look)
          if (pattern.test(seen)) resolve()
          else reject(new Error(`The log ended without ${pattern}:\n${seen}`))
        }
        waiting.add(look)
        look()
      })
    },
    end() {
      over = true
      wake()
    },
  }
}
