import type { Explanations, Status } from '../../facts.ts';
import { capital, endpoint, whole } from './format.ts';

/** A box of the drawing. */
export interface Box {
  readonly title: string;
  /** At most two. */
  readonly lines: readonly string[];
  /** The state of the path that leads to it from the column before. */
  readonly path: 'works' | 'unused' | 'broken';
}

/** The columns of the drawing from left to right: each box of a column is connected to the only one of the column before. */
export type Drawing = readonly (readonly Box[])[];

/** Returns the drawing of a program's paths; the number of boxes does not depend on the number of peers. */
export function drawingOf(status: Status, explanations: Explanations | undefined): Drawing {
  const role = status.role === 'host-relay' ? (status.function ?? 'host-relay') : status.role;
  switch (role) {
    case 'client':
      return clientDrawing(status, explanations);
    case 'server':
      return serverDrawing(status);
    default:
      return relayDrawing(status, explanations, role === 'relay' && status.role === 'relay');
  }
}

/** Returns true if the role waits, or is degraded for a reason that concerns none of the places elsewhere: so no reason is left out. */
function isBrokenHere({ state, degraded = [] }: Status, elsewhere: readonly string[] = []): boolean {
  return state === 'waiting' || degraded.some(({ reason }) => !elsewhere.includes(reason));
}

function isBrokenBy({ degraded = [] }: Status, reasons: readonly string[]): boolean {
  return degraded.some(({ reason }) => reasons.includes(reason));
}

const ofServerBox: readonly string[] = ['server-silent'];
const ofNativeBox: readonly string[] = ['no-ipv6-connectivity'];
const ofClientBoxes: readonly string[] = ['address-gone', 'no-ipv4-address', 'send-failed'];

function clientDrawing(status: Status, explanations: Explanations | undefined): Drawing {
  const { address, local, mapped, nat, turn, portMapping } = status;
  const isOn = status.state === 'qualified' || status.state === 'degraded';
  const working = isOn ? 'works' : 'unused';
  const host: Box = {
    title: 'This host',
    lines: texts(address ?? 'no Teredo address', local && `sends from ${endpoint(local)}`),
    path: 'works',
  };
  const translator: Box = {
    title: nat === undefined ? 'NAT' : nat === 'none' ? 'No NAT' : `${capital(nat)} NAT`,
    lines: texts(
      mapped && `maps to ${endpoint(mapped)}`,
      portMapping && `port mapping by ${explanations?.mappings[portMapping.protocol] ?? portMapping.protocol}`,
      mapped === undefined ? 'not known yet' : undefined,
    ),
    path: isBrokenHere(status, ofServerBox) ? 'broken' : working,
  };
  const turnBox: Box | undefined = turn && {
    title: 'TURN server',
    lines: texts(
      `${endpoint(turn.server)} over ${turn.transport.toUpperCase()}`,
      turn.relayed ? `relays ${endpoint(turn.relayed)}` : turn.failure && 'gives no allocation',
    ),
    path: turn.failure !== undefined ? 'broken' : turn.relayed === undefined ? 'unused' : 'works',
  };
  return [
    [host],
    [translator],
    [
      serverBox(status, isOn),
      ...(turnBox ? [turnBox] : []),
      nativeBox(status),
      ...peerBoxes(status, explanations, 'peer'),
    ],
  ];
}

function serverBox(status: Status, isOn: boolean): Box {
  const { serverName, server, offlineReason } = status;
  const isSilent = offlineReason !== undefined || isBrokenBy(status, ofServerBox);
  return {
    title: 'Server',
    lines: texts(serverName ?? server ?? 'none yet', serverName === undefined ? undefined : server),
    path: isSilent ? 'broken' : isOn ? 'works' : 'unused',
  };
}

/** The way to hosts with native IPv6, through relays. */
function nativeBox({ paths = {}, nativeReachability }: Status): Box {
  const { relay: count = 0 } = paths;
  const isFailing = nativeReachability?.state === 'failing';
  return {
    title: 'IPv6 Internet',
    lines: texts(`${counted(count, 'native host')} through relays`, isFailing ? 'no native host answers' : undefined),
    path: isFailing ? 'broken' : count > 0 || nativeReachability !== undefined ? 'works' : 'unused',
  };
}

/** One box for each kind of path that leads to peers. */
function peerBoxes({ paths = {} }: Status, explanations: Explanations | undefined, noun: string): Box[] {
  const kinds = Object.entries(paths).filter(([kind, count]) => kind !== 'relay' && count > 0);
  if (kinds.length === 0) return [{ title: `${capital(noun)}s`, lines: ['none reached now'], path: 'unused' }];
  return kinds.map(([kind, count]) => ({
    title: `${whole(count)} ${noun}${count === 1 ? '' : 's'}`,
    lines: [explanations?.paths[kind] ?? kind],
    path: 'works',
  }));
}

function relayDrawing(status: Status, explanations: Explanations | undefined, isRouter: boolean): Drawing {
  const { address, local } = status;
  const native: Box = {
    title: 'IPv6 Internet',
    lines: ['native hosts'],
    path: 'works',
  };
  const here: Box = {
    title: isRouter ? 'This relay' : 'This host',
    lines: texts(
      address,
      local && `sends from ${endpoint(local)}`,
      status.interface && `interface ${status.interface}`,
    ),
    path: isBrokenHere(status, ofClientBoxes) ? 'broken' : 'works',
  };
  // The drawing of a host-specific relay has no other path.
  const isUnreachable = isRouter ? isBrokenBy(status, ofClientBoxes) : isBrokenHere(status);
  const clients = peerBoxes(status, explanations, 'client').map(
    (box): Box => (isUnreachable ? { ...box, path: 'broken' } : box),
  );
  return isRouter ? [[native], [here], clients] : [[here], clients];
}

function serverDrawing(status: Status): Drawing {
  const { counters, address } = status;
  const isBroken = isBrokenHere(status, ofNativeBox);
  const clients: Box = {
    title: 'Clients',
    lines: [`${whole(counters.solicitationsReceived)} solicitations`, `${whole(counters.advertisementsSent)} answers`],
    path: 'works',
  };
  const here: Box = {
    title: 'This server',
    lines: texts(address, 'UDP port 3544'),
    path: isBroken ? 'broken' : 'works',
  };
  const native: Box = {
    title: 'IPv6 Internet',
    lines: ['connectivity tests of clients'],
    path: isBrokenBy(status, ofNativeBox) ? 'broken' : 'works',
  };
  const others: Box = {
    title: 'Other clients',
    lines: ['bubbles between clients'],
    path: isBroken ? 'broken' : 'works',
  };
  return [[clients], [here], [others, native]];
}

/** Returns at most two texts of those that there are. */
function texts(...all: readonly (string | undefined)[]): readonly string[] {
  return all.filter((text) => text !== undefined).slice(0, 2);
}

function counted(count: number, noun: string): string {
  return `${whole(count)} ${noun}${count === 1 ? '' : 's'}`;
}
