/**
 * `owner/name` of a remote's address, without the credentials that it may hold. The address is an URL, `host:path` as
 * scp writes it, or a path (https://git-scm.com/docs/git-clone#_git_urls).
 */
export function nameRemote(address: string): string | undefined {
  const parts = address
    .replace(/^([a-z][a-z0-9+.-]*:\/\/[^/]*|[^/]*:)/i, '')
    .replace(/\/+$/, '')
    .replace(/\.git$/, '')
    .split('/')
    .filter((part) => part !== '')
  return parts.length === 0 ? undefined : parts.slice(-2).join('/')
}
