/** What the local cloud gives to programs that have no setting for the address of Google's APIs. */
interface LocalProxy {
  readonly url: string
  readonly caFile: string
  readonly credentialsFile: string
}

/** The environment in which such a program, Packer for one, takes the local cloud for Google. */
export async function openProxyEnvironment(cloud: string): Promise<Readonly<Record<string, string>>> {
  const response = await fetch(`${cloud}/_mayfly/proxy`, { method: 'POST' })
  const { url, caFile, credentialsFile } = (await response.json()) as LocalProxy
  return {
    HTTPS_PROXY: url,
    NO_PROXY: '127.0.0.1,localhost',
    SSL_CERT_FILE: caFile,
    NODE_EXTRA_CA_CERTS: caFile,
    GOOGLE_APPLICATION_CREDENTIALS: credentialsFile,
  }
}

/**
 * The same for a shell, as a comment: in a shell's own environment it would outlive the local cloud, and be in the way
 * of everything else.
 */
export function writeProxyHint(environment: Readonly<Record<string, string>>): readonly string[] {
  const settings = Object.entries(environment).map(([name, value]) => `${name}=${quote(value)}`)
  return [
    '# In front of a command, such as packer build, this makes it take the local cloud for Google:',
    `# ${settings.join(' ')}`,
  ]
}

function quote(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
