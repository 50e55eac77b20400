import { generateKeyPair } from 'node:crypto'
import { promisify } from 'node:util'

/** A new RSA key, which is the kind that Google's service accounts have; both halves in PEM. */
export function makeKeyPair(): Promise<{ readonly publicKey: string; readonly privateKey: string }> {
  return promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
}
