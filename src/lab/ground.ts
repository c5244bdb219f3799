/** What a lab stands on: a directory and a network of its own, which no other lab has and which return to nothing with it. */
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { FiredrillError } from '../domain/errors.ts';
import { makeHome } from '../postgres/home.ts';
import { openDnsServer, type Answering, type DnsServer } from './machines/dns-server.ts';
import { listenersOn } from './machines/listeners.ts';
import { processEntry } from './machines/process-table.ts';

const dnsPort = 5354;
const networks = 250;

/** `lab-PID-STARTTIME-random`: says whose it is. */
const labDirectory = /^lab-(\d+)-(\d+)-/;

/** Makes a directory in `home` that an unprivileged user can pass through, and removes those of labs that have ended. */
export async function takeDirectory(home: string): Promise<string> {
  await makeHome(home);
  for (const name of await readdir(home)) {
    const [, pid, startTime] = labDirectory.exec(name) ?? [];
    if (pid === undefined || processEntry(Number(pid))?.startTime === startTime) continue;
    await rm(join(home, name), { recursive: true, force: true, maxRetries: 3 });
  }
  const own = processEntry(process.pid)?.startTime ?? '0';
  const directory = await mkdtemp(join(home, `lab-${process.pid}-${own}-`));
  await chmod(directory, 0o711);
  return directory;
}

/**
 * Opens the name server on the first free 127.N.0.2. Whoever holds that address holds 127.N.0.0/16, but for what a lab that was
 * killed still has running there until its reaper has ended it: a network in which anybody listens is passed over.
 * @throws FiredrillError `lab-no-network` when none is free
 */
export async function takeNetwork(answer: Answering): Promise<{ dns: DnsServer; network: number }> {
  for (let network = 1; network <= networks; network += 1) {
    try {
      const dns = await openDnsServer({ host: `127.${network}.0.2`, port: dnsPort, answer });
      const others = listenersOn(network).filter((address) => address !== `${dns.host}:${dns.port}`);
      if (others.length === 0) return { network, dns };
      await dns.close();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    }
  }
  throw new FiredrillError('lab-no-network', 'every network of the lab is taken', {
    expected: `one of 127.1.0.0/16 to 127.${networks}.0.0/16 on which nothing listens, and port ${dnsPort} free there`,
    remedy: `End what listens on port ${dnsPort} of all addresses, or labs that are left ("firedrill lab down").`,
  });
}

/** An estate's address that another program holds, as an error that says so; undefined for other errors. */
export function addressTaken(error: unknown): FiredrillError | undefined {
  const { code, address, port } = error as { code?: string; address?: string; port?: number };
  if (code !== 'EADDRINUSE') return undefined;
  return new FiredrillError('lab-address-taken', `port ${port} of ${address} is taken by another program`, {
    cause: error,
    expected: `nothing listens on port ${port} of all addresses`,
    remedy: `End it, or have it listen on one address only ("ss -ltnp sport = :${port}" shows it).`,
  });
}
