import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Certificate {
  readonly folder: string
  /** The certificate's file; whoever trusts it trusts the server. */
  readonly file: string
  readonly cert: string
  readonly key: string
}

/** A certificate of its own for this machine, valid for a day. */
export function makeCertificate(): Certificate {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-certificate-'))
  const file = join(folder, 'cert.pem')
  const keyFile = join(folder, 'key.pem')
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1']
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1']
  try {
    execFileSync('openssl', ['req', '-x509', ...kind, ...subject, '-keyout', keyFile, '-out', file], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
  } catch (cause) {
    throw new Error('The measurement over TLS needs the openssl command.', { cause })
  }
  return { folder, file, cert: readFileSync(file, 'utf8'), key: readFileSync(keyFile, 'utf8') }
}
