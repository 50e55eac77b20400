type Env = (name: string) => string | undefined

// Plain HTTP, and never to be asked through a proxy: https://cloud.google.com/compute/docs/metadata/querying-metadata
const metadataHosts = 'metadata.google.internal,169.254.169.254'

/**
 * Sends what goes to Google through the proxy that the environment names, which Node's fetch does not do by itself. False
 * when there is one and this Node (before 24.14) cannot use it.
 */
export function useProxy(env: Env): boolean {
  const proxy = env('HTTPS_PROXY') || env('https_proxy')
  if (!proxy || env('NODE_USE_ENV_PROXY') === '1') return true
  // Not imported: the module costs a cold start 13 ms, and mostly there is no proxy.
  const http = process.getBuiltinModule?.('node:http')
  if (!http?.setGlobalProxyFromEnv) return false
  const exceptions = [env('NO_PROXY') || env('no_proxy'), metadataHosts].filter(Boolean).join(',')
  http.setGlobalProxyFromEnv({ https_proxy: proxy, no_proxy: exceptions })
  return true
}
