import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../src/command.ts';
import { LabError } from '../src/lab-error.ts';
import { Laboratory } from '../src/laboratory.ts';
import { Internet } from '../src/network/internet.ts';
import {
  type Navalis,
  type Role,
  startClient,
  startHostRelay,
  startRelay,
  startServer,
} from '../src/programs/navalis.ts';
import { repositoryPath } from '../src/repository.ts';

/** Where `.ci/setup --tools` unpacks it. */
const promtool = repositoryPath('node_modules/.cache/prometheus/root/usr/bin/promtool');

function check(args: readonly string[], input = ''): string {
  if (!existsSync(promtool)) {
    throw new LabError(
      'promtool is not unpacked: run `sh .ci/setup --tools` on a Debian system that reaches its package mirror.',
    );
  }
  const { stdout, stderr } = run(promtool, args, { input, timeoutMs: 60_000 });
  return stdout + stderr;
}

describe('the rules for Prometheus', () => {
  it('are sound', () => {
    expect(check(['check', 'rules', '--lint=all', '--lint-fatal', repositoryPath('monitoring/alerts.yml')])).toContain(
      'SUCCESS',
    );
  });

  it('fire when they must, and only then', () => {
    expect(check(['test', 'rules', repositoryPath('monitoring/alerts.test.yml')])).toContain('SUCCESS');
  });
});

describe('the metrics of a running program', () => {
  let laboratory: Laboratory;
  let programs: Readonly<Record<Role, Navalis>>;

  beforeAll(async () => {
    laboratory = new Laboratory();
    const internet = new Internet(laboratory);
    const host = internet.serverHost();
    host.setting('net/ipv6/conf/all/forwarding', '1');
    const [server, relay, hostRelay] = await Promise.all([
      startServer(laboratory, host),
      startRelay(laboratory, host, ['--bind-port', '3545']),
      startHostRelay(laboratory, internet.dualStackHost()),
    ]);
    const client = await startClient(laboratory, internet.home().host);
    programs = { client, server, relay, 'host-relay': hostRelay };
  });

  afterAll(() => laboratory.close());

  it.each(['client', 'server', 'relay', 'host-relay'] as const)('%s: promtool finds no fault in them', async (role) => {
    const text = await programs[role].metrics();
    expect(text).toContain(`navalis_state{state="degraded",role="${role}"} 0`);
    expect(check(['check', 'metrics'], text)).toBe('');
  });

  it('a relay tells that it forwards, has its route, and how long the turns of its data plane take', async () => {
    const metric = async (name: string) => {
      const line = (await programs.relay.metrics()).split('\n').find((each) => each.startsWith(`${name} `));
      return Number(line?.split(' ').at(-1));
    };
    const hasRoute = () => metric('navalis_route_present{route="service-prefix",role="relay"}');
    await programs.relay.program.until('its route in its metrics', async () => (await hasRoute()) || undefined, 15_000);
    expect(await metric('navalis_forwarding_enabled{role="relay"}')).toBe(1);
    expect(await metric('navalis_loop_turn_seconds_count{role="relay"}')).toBeGreaterThan(0);
    expect(await metric('navalis_loop_longest_turn_seconds{role="relay"}')).toBeGreaterThan(0);
    expect(Date.now() / 1000 - (await metric('process_start_time_seconds{role="relay"}'))).toBeLessThan(300);
  });
});
