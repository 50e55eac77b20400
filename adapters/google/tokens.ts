/** Access tokens for Google. */
export interface Tokens {
  /** A token that is valid for a while; undefined where none is needed. Calls at the same time share one. */
  get(): Promise<string | undefined>
  /** Google refused this token: the next `get` brings another one. */
  drop(token: string): void
}

export interface Token {
  readonly value: string
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}

/** For a local Google, which asks for none. */
export const noTokens: Tokens = { get: async () => undefined, drop: () => undefined }

// The metadata server renews its own tokens earlier than this, so that asking brings a new one.
const marginMs = 60_000

/** Makes one token serve all calls until a minute before its end. */
export function shareTokens(mint: () => Promise<Token>, now: () => number = Date.now): Tokens {
  let token: Token | undefined
  let minting: Promise<Token> | undefined

  async function renew() {
    try {
      token = await mint()
      return token
    } finally {
      minting = undefined
    }
  }

  return {
    async get() {
      if (token && now() < token.expiresAt - marginMs) return token.value
      minting ??= renew()
      return (await minting).value
    },
    drop(value) {
      if (token?.value === value) token = undefined
    },
  }
}
