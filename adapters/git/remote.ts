/** `owner/name` of a remote's address in any of its forms, without the credentials that it may hold. */
export function nameRemote(address: string): string | undefined {
  const parts = readPath(address)
    .replace(/\/+$/, '')
    .replace(/\.git$/, '')
    .split('/')
    .filter((part) => part !== '')
  return parts.length === 0 ? undefined : parts.slice(-2).join('/')
}

/** https://git-scm.com/docs/git-clone#_git_urls: an URL, `host:path` as scp writes it, or a path. */
function readPath(address: string): string {
  if (URL.canParse(address) && address.includes('://')) return decodeURI(new URL(address).pathname)
  return address.replace(/^[^/]*:/, '')
}
