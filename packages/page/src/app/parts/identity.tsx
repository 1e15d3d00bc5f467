import type { VNode } from 'preact';
import type { Explanations, Status } from '../../facts.ts';
import { endpoint, since } from '../model/format.ts';

interface IdentityProps {
  readonly status: Status;
  readonly explanations: Explanations | undefined;
  readonly now: number;
}

/** Addresses, NAT, server, mapping and TURN of this program. */
export function IdentitySection({ status, explanations, now }: IdentityProps): VNode | null {
  const facts = factsOf(status, explanations, now).filter(([, value]) => value !== undefined);
  if (facts.length === 0) return null;
  return (
    <section aria-labelledby="identity">
      <h2 id="identity">Addresses</h2>
      <dl>
        {facts.map(([name, value, isCode]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd class={isCode ? 'code' : undefined}>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

type Fact = readonly [name: string, value: string | undefined, isCode?: boolean];

function factsOf(status: Status, explanations: Explanations | undefined, now: number): readonly Fact[] {
  const { address, server, serverName, mapped, local, portMapping, nat, refreshIntervalMs, nativeReachability } =
    status;
  const natText = nat && (explanations?.nats[nat] ?? nat);
  const keeps =
    status.isPortPreserving === undefined || nat === 'none'
      ? ''
      : status.isPortPreserving
        ? '; keeps the port'
        : '; changes the port';
  const native = nativeReachability?.state === 'working' ? 'answer' : 'do not answer';
  return [
    ['Address', address, true],
    ['Server', serverName === undefined ? server : `${serverName} (${server})`, true],
    ['Mapped', endpoint(mapped), true],
    ['Local', endpoint(local), true],
    ['NAT', natText && `${natText}${keeps}`],
    [
      'Port mapping',
      portMapping &&
        `${endpoint(portMapping)} by ${explanations?.mappings[portMapping.protocol] ?? portMapping.protocol}`,
      true,
    ],
    ['TURN', turnText(status, explanations)],
    ['Native hosts', nativeReachability && `${native}, for ${since(nativeReachability.since, now)}`],
    ['Refresh', refreshIntervalMs === undefined ? undefined : `every ${refreshIntervalMs / 1_000} s at the latest`],
    ['Interface', status.interface, true],
    ['Offloads', status.offloads?.join(', ') || undefined],
  ];
}

function turnText({ turn }: Status, explanations: Explanations | undefined): string | undefined {
  if (turn === undefined) return undefined;
  const server = `${endpoint(turn.server)} over ${turn.transport.toUpperCase()}`;
  if (turn.relayed !== undefined) return `${server}, relays ${endpoint(turn.relayed)}`;
  return turn.failure === undefined
    ? `asking ${server}`
    : `${server}: ${explanations?.turnFailures[turn.failure] ?? turn.failure}`;
}
