import type { Route } from './http.ts'
import { route } from './routing.ts'

/** Google's token endpoint: whoever asks gets a token, and no product here asks for one. */
export function tokenRoutes(): Route[] {
  const json = { access_token: 'emulator', expires_in: 3599, token_type: 'Bearer' }
  return [route('oauth2.token', 'POST', '/token', () => ({ json }))]
}
