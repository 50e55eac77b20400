import { randomBytes } from 'node:crypto'
import type { pki } from 'node-forge'
import { makeKeyPair } from './key-pair.ts'

/** What a TLS server shows to be Google, all in PEM. */
export interface Certificates {
  readonly key: string
  readonly certificate: string
  /** Of the authority that signed; clients have to trust it. */
  readonly authority: string
}

/** Names that the certificate is for. A star stands for one label only. */
const hosts = ['googleapis.com', '*.googleapis.com', '*.storage.googleapis.com', '*.p.googleapis.com']

/**
 * Makes an authority and one certificate of it. The authority's key is forgotten: whoever trusts it trusts these names
 * on this computer, and nothing that could be signed later.
 */
export async function makeCertificates(): Promise<Certificates> {
  const { default: forge } = await import('node-forge')
  const [authorityKeys, serverKeys] = await Promise.all([makeKeys(forge.pki), makeKeys(forge.pki)])
  const name = [{ name: 'commonName', value: `Mayfly local cloud ${randomBytes(4).toString('hex')}` }]

  const authority = startCertificate(forge.pki, authorityKeys.publicKey)
  authority.setSubject(name)
  authority.setExtensions([
    { name: 'basicConstraints', cA: true, pathLenConstraint: 0, critical: true },
    { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    { name: 'subjectKeyIdentifier' },
  ])

  const server = startCertificate(forge.pki, serverKeys.publicKey)
  server.setSubject([{ name: 'commonName', value: 'googleapis.com' }])
  server.setExtensions([
    { name: 'basicConstraints', cA: false, critical: true },
    { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, critical: true },
    { name: 'extKeyUsage', serverAuth: true },
    { name: 'subjectAltName', altNames: hosts.map((value) => ({ type: dnsName, value })) },
  ])

  for (const certificate of [authority, server]) {
    certificate.setIssuer(name)
    certificate.sign(authorityKeys.privateKey, forge.md.sha256.create())
  }
  return {
    key: forge.pki.privateKeyToPem(serverKeys.privateKey),
    certificate: forge.pki.certificateToPem(server),
    authority: forge.pki.certificateToPem(authority),
  }
}

/** The kind of name: https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.6 */
const dnsName = 2

// The keys are Node's, which is much faster at them.
async function makeKeys(forge: typeof pki) {
  const { publicKey, privateKey } = await makeKeyPair()
  return { publicKey: forge.publicKeyFromPem(publicKey), privateKey: forge.privateKeyFromPem(privateKey) }
}

/** Valid for ten years from yesterday: clocks differ, and a state directory is kept for long. */
function startCertificate(forge: typeof pki, publicKey: pki.PublicKey): pki.Certificate {
  const certificate = forge.createCertificate()
  certificate.publicKey = publicKey
  // Positive: https://www.rfc-editor.org/rfc/rfc5280#section-4.1.2.2
  certificate.serialNumber = `00${randomBytes(16).toString('hex')}`
  certificate.validity.notBefore = new Date(Date.now() - dayMs)
  certificate.validity.notAfter = new Date(Date.now() + 3650 * dayMs)
  return certificate
}

const dayMs = 24 * 60 * 60 * 1000
