import { Counters } from '@navalis/engine';
import { expect, it } from 'vitest';
import type { StatusReport } from '../../src/status/status-report.ts';
import { stateSentence } from '../../src/systemd/state-sentence.ts';
import { wholeReport } from '../fakes.ts';

const since = '2026-01-01T00:00:00.000Z';
const base = { role: 'client', version: '1.2.3', since, peers: 0, counters: new Counters().snapshot() } as const;
const fault = {
  reason: 'forwarding-off',
  since,
  sentence: 'The kernel forwards nothing.',
  evidence: 'e',
  cure: 'Switch it on.',
} as const;

it.each<[Partial<StatusReport> & Pick<StatusReport, 'state'>, string]>([
  [{ state: 'initial' }, 'Starting.'],
  [{ state: 'starting' }, 'Starting.'],
  [
    { state: 'starting', offlineReason: 'server-silent', server: '8.8.8.8' },
    'Off-line: server 8.8.8.8 does not answer. A firewall may block UDP port 3544, or the server may be down. Run "teredo-client diagnose" on this host.',
  ],
  [
    { state: 'off-line', offlineReason: 'no-route', server: '8.8.8.8' },
    'Off-line: this host has no IPv4 route to 8.8.8.8. Connect this host to a network, and look at "ip route".',
  ],
  [
    { state: 'off-line', offlineReason: 'secondary-silent', server: '8.8.8.8' },
    'Off-line: the secondary address of server 8.8.8.8 does not answer as that server does. Set the key server-secondary to the address that the server uses, or use another server.',
  ],
  [
    {
      state: 'starting',
      offlineReason: 'turn-unavailable',
      turn: { server: { address: '8.8.4.4', port: 3478 }, transport: 'udp', failure: 'quota-reached' },
    },
    'Off-line: TURN server 8.8.4.4:3478 over UDP gives no allocation: this user has as many allocations as allowed. Raise user-quota at the server, or end other clients.',
  ],
  [
    {
      state: 'starting',
      offlineReason: 'turn-unavailable',
      turn: { server: { address: '8.8.4.4', port: 3478 }, transport: 'udp', failure: 'no-port' },
    },
    'Off-line: TURN server 8.8.4.4:3478 over UDP gives no allocation: no local port could be opened for it. Correct the keys turn and turn-credentials, or try another server. Run "teredo-client diagnose" on this host.',
  ],
  [
    { role: 'host-relay', state: 'starting', offlineReason: 'server-silent', server: '8.8.8.8' },
    'Off-line: server 8.8.8.8 does not answer. A firewall may block UDP port 3544, or the server may be down. Run "teredo-host-relay diagnose" on this host.',
  ],
  [{ state: 'off-line' }, 'Off-line.'],
  [
    { state: 'waiting', waitingFor: 'bind-address', evidence: '192.0.2.1' },
    'Waiting for an address to bind to (192.0.2.1). Give the address to an interface that is up, or correct the key that names it. The program continues by itself when it is there.',
  ],
  [
    { state: 'waiting', waitingFor: 'ipv6-address' },
    'Waiting for a global IPv6 address. Give an interface of this host a global IPv6 address. The program continues by itself when it is there.',
  ],
  [
    { state: 'disabled', disabledReason: 'switched-off' },
    'Not using Teredo: the key enabled is false. Set enabled = true to use Teredo.',
  ],
  [
    { state: 'disabled', disabledReason: 'other-preferred', evidence: '8.8.4.4' },
    'Not using Teredo: the global IPv4 address 8.8.4.4 offers a preferred way to IPv6.',
  ],
  [
    { state: 'disabled', disabledReason: 'native-ipv6', evidence: '2a00::1' },
    'Not using Teredo: this host has the IPv6 address 2a00::1 (key native-ipv6). Set native-ipv6 = "ignore" to use it all the same.',
  ],
  [{ state: 'degraded', degraded: [fault] }, 'Degraded: The kernel forwards nothing. Switch it on.'],
  [
    { state: 'degraded', degraded: [fault, { ...fault, reason: 'send-failed' }] },
    'Degraded: The kernel forwards nothing. Switch it on. 1 more: see status.',
  ],
  [{ state: 'degraded' }, 'Degraded: the tunnel interface is being created again.'],
  [
    { state: 'qualified', address: '2001:0:808:808::1', server: '8.8.8.8' },
    'Teredo address 2001:0:808:808::1, server 8.8.8.8.',
  ],
  [{ state: 'running', role: 'server' }, 'Running.'],
  [{ state: 'running', role: 'relay', address: '2a00::1' }, 'Running with 2a00::1.'],
  [{ state: 'stopped' }, 'Stopped.'],
])('%j is a sentence', (report, sentence) => {
  expect(stateSentence(wholeReport({ ...base, ...report }))).toBe(sentence);
});
