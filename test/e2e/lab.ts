/** A lab that stands on its own, for runs that are watched from outside: what `lab up` says, and the truth by its side door. */
import { readFile } from 'node:fs/promises';
import type { Home } from './cli.ts';

export interface LabUp {
  awsEndpoint: string;
  dns: { host: string; port: number };
  url: string;
  env: Record<string, string>;
}

export interface LabDatabase {
  region: string;
  identifier: string;
  id: string;
  address: string;
  status: string;
}

/** Starts a lab and points the home's later commands at it. */
export async function labUp(home: Home): Promise<LabUp> {
  const { code, stdout, stderr } = await home.run('lab', 'up', '--json');
  if (code !== 0) throw new Error(`lab up: exit ${code}\n${stderr}`);
  const lab = JSON.parse(stdout) as LabUp;
  home.use(lab.env);
  return lab;
}

/** All databases, also those that nobody reaches. */
export async function databases({ awsEndpoint }: LabUp): Promise<LabDatabase[]> {
  // A kept-alive connection may be closed by the lab in the moment in which it is used again.
  const response = await fetch(`${awsEndpoint}/_lab/state`, { headers: { connection: 'close' } });
  if (!response.ok) throw new Error(`state: ${response.status} ${await response.text()}`);
  return ((await response.json()) as { databases: LabDatabase[] }).databases;
}

export async function post(lab: LabUp, path: string, body: unknown): Promise<void> {
  const response = await fetch(`${lab.awsEndpoint}/_lab/${path}`, { method: 'POST', body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
}

/** Ends all API faults. */
export async function clearFaults({ awsEndpoint }: LabUp): Promise<void> {
  const response = await fetch(`${awsEndpoint}/_lab/faults`, { method: 'DELETE' });
  if (!response.ok) throw new Error(`faults: ${response.status}`);
}

/** Addresses in the lab's network on which anything still listens, as the kernel says. */
export async function listeners({ dns }: LabUp): Promise<string[]> {
  const network = dns.host.split('.').slice(0, 2).join('.');
  const tables = await Promise.all(['tcp', 'udp'].map((table) => readFile(`/proc/net/${table}`, 'utf8')));
  const listening = tables.flatMap((table) => table.split('\n').slice(1)).map((line) => line.trim().split(/\s+/));
  return listening.flatMap(([, local = '', , state]) => {
    const [hex = '', port = ''] = local.split(':');
    // Addresses stand there in the byte order of the machine; 0A listens, 07 is a bound datagram socket.
    const address = [...Buffer.from(hex, 'hex')].reverse().join('.');
    const open = state === '0A' || state === '07';
    return open && address.startsWith(`${network}.`) ? [`${address}:${Number.parseInt(port, 16)}`] : [];
  });
}
