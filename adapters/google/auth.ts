/** Access tokens for Google. */
export interface Tokens {
  /** A token that is valid for a while; undefined where none is needed. Parallel calls share one. */
  get(): Promise<string | undefined>
  /** Google refused this token: the next `get` brings another one. */
  drop(token: string): void
}
