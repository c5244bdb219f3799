/** A lab that stands on its own, for runs that are watched from outside: what `lab up` says, and the truth by its side door. */
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
  takesWrites: boolean;
}

/** Starts a lab and points the home's later commands at it. */
export async function labUp(home: Home): Promise<LabUp> {
  const { code, stdout, stderr } = await home.run('lab', 'up', '--json');
  if (code !== 0) throw new Error(`lab up: exit ${code}\n${stderr}`);
  const lab = JSON.parse(stdout) as LabUp;
  home.use(lab.env);
  return lab;
}

export async function databases({ awsEndpoint }: LabUp): Promise<LabDatabase[]> {
  const response = await fetch(`${awsEndpoint}/_lab/state`);
  return ((await response.json()) as { databases: LabDatabase[] }).databases;
}

export async function post(lab: LabUp, path: string, body: unknown): Promise<void> {
  const response = await fetch(`${lab.awsEndpoint}/_lab/${path}`, { method: 'POST', body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
}

/** Asks again and again, until stopped, which databases take writes; keeps every moment with more than one. */
export function watchPrimaries(lab: LabUp): { stop(): Promise<string[]> } {
  const bad: string[] = [];
  let stopped = false;
  const watching = (async () => {
    while (!stopped) {
      const writable = (await databases(lab)).filter(({ takesWrites }) => takesWrites);
      if (writable.length > 1)
        bad.push(writable.map(({ region, identifier }) => `${region}/${identifier}`).join(' and '));
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  })();
  return {
    async stop() {
      stopped = true;
      await watching;
      return bad;
    },
  };
}
