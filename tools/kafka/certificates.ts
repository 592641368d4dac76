import { join } from 'node:path'
import { run } from './process.ts'

/** PEM files. */
export interface KeyPair {
  readonly keyFile: string
  readonly certificateFile: string
}

/**
 * A self-signed certificate for the loopback, valid for a month; it is its own authority.
 * Made with `openssl`, which can write the private key as PEM where Java's keytool cannot.
 */
export async function makeKeyPair(dir: string, name: string): Promise<KeyPair> {
  const pair = {
    keyFile: join(dir, `${name}.key.pem`),
    certificateFile: join(dir, `${name}.crt.pem`),
  }
  await run('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'],
    ...[
      '-days',
      '30',
      '-subj',
      `/CN=${name}`,
      '-addext',
      'subjectAltName=IP:127.0.0.1,DNS:localhost',
    ],
    ...['-keyout', pair.keyFile, '-out', pair.certificateFile],
  ])
  return pair
}
