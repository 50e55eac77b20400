/** A name and a port, as a client wants them reached. */
export interface Target {
  readonly host: string
  readonly port: number
}

/** The target of a CONNECT, `host:port` or `[address]:port`; undefined when the text is neither. */
export function readTarget(authority: string): Target | undefined {
  const [, address, name = address, port] = /^(?:\[([\d:a-f.]+)\]|([^\s/:@]+)):(\d+)$/i.exec(authority) ?? []
  return name === undefined ? undefined : { host: name, port: Number(port) }
}

/** Whether a host is one of Google's APIs, for which the local cloud answers. */
export function isGoogle(host: string): boolean {
  return /(^|\.)googleapis\.com\.?$/i.test(host)
}
