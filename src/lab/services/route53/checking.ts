/**
 * Route 53's checkers: every interval they ask the endpoint, and after as many answers in a row that say the opposite as the
 * threshold has, the check turns. A name is resolved as the lab's name servers answer it.
 */
import { STATUS_CODES } from 'node:http';
import { cloudWatchState } from '../../world/cloudwatch.ts';
import { answerDns } from '../../world/dns.ts';
import { route53State } from '../../world/route53.ts';
import type { HealthCheck } from '../../world/route53.ts';
import { textArg } from '../../world.ts';
import type { Scope, World } from '../../world.ts';

interface Finding {
  healthy: boolean;
  said: string;
}

/** AWS's checkers wait 4 s for a connection; no profile gives an endpoint less than half a second. */
const timeoutMs = (world: World): number => Math.max(500, world.duration(4_000));

export function registerChecking(world: World): void {
  world.onTimer('route53.check', async (w, scope, args) => {
    const id = textArg(args, 'id');
    const check = route53State(w, scope).healthChecks[id];
    if (check === undefined) return;
    if (!check.disabled) await look(w, scope, check);
    w.after(w.duration(check.intervalSeconds * 1_000), 'route53.check', scope, { id });
  });
}

async function look(world: World, scope: Scope, check: HealthCheck): Promise<void> {
  const { version } = check;
  const finding =
    check.type === 'CLOUDWATCH_METRIC' ? alarmFinding(world, scope, check) : await endpointFinding(world, check);
  // What was found under an earlier configuration says nothing about this one.
  if (check.version !== version) return;
  check.lastSaid = finding.said;
  check.lastCheckedAt = world.nowIso();
  check.against = finding.healthy === check.endpointHealthy ? 0 : check.against + 1;
  const threshold = check.type === 'CLOUDWATCH_METRIC' ? 1 : check.failureThreshold;
  if (check.against < threshold) return;
  check.endpointHealthy = finding.healthy;
  check.against = 0;
}

function alarmFinding(world: World, { account }: Scope, check: HealthCheck): Finding {
  const { region = '', name = '' } = check.alarm ?? {};
  const state = cloudWatchState(world, { account, region }).alarms[name]?.state ?? 'INSUFFICIENT_DATA';
  const healthy =
    state === 'INSUFFICIENT_DATA'
      ? check.whileInsufficientData === 'Healthy' ||
        (check.whileInsufficientData === 'LastKnownStatus' && check.endpointHealthy)
      : state === 'OK';
  return { healthy, said: `${healthy ? 'Success' : 'Failure'}: The alarm ${name} is in state ${state}` };
}

async function endpointFinding(world: World, check: HealthCheck): Promise<Finding> {
  const address = check.ipAddress ?? resolved(world, check.fqdn ?? '');
  if (address === undefined) return { healthy: false, said: 'Failure: DNS resolution failed: Rcode NXDomain(3)' };
  const result = await world.probeHttp({
    address,
    port: check.port,
    path: check.path,
    ...(check.fqdn === undefined ? {} : { host: check.fqdn }),
    timeoutMs: timeoutMs(world),
    wantsBody: check.type === 'HTTP_STR_MATCH',
  });
  if ('error' in result)
    return {
      healthy: false,
      said: 'Failure: Connection timed out. The endpoint or the internet connection is down, or requests are being blocked by your firewall.',
    };
  const { status, body = '' } = result;
  const line = `HTTP Status Code ${status}, ${STATUS_CODES[status] ?? 'Unknown'}`;
  const matches = check.searchString === undefined || body.slice(0, 5_120).includes(check.searchString);
  if (check.type !== 'TCP' && (status < 200 || status >= 400)) return { healthy: false, said: `Failure: ${line}.` };
  if (check.type === 'HTTP_STR_MATCH' && !matches)
    return { healthy: false, said: `Failure: ${line}. The search string wasn't found in the response body.` };
  return { healthy: true, said: `Success: ${line}` };
}

const resolved = (world: World, name: string): string | undefined =>
  answerDns(world, name, 'A', () => 0).answers.find(({ type }) => type === 'A')?.value;
