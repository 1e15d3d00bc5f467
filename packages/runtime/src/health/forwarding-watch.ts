import { readdirSync, readFileSync } from 'node:fs';
import type { Time } from '../scheduling/time.ts';
import type { Degradations } from './degradations.ts';
import type { Upkeep } from './upkeep.ts';

/** Interval of the checks. Each one costs one small read while forwarding is on. */
const lookMs = 1_000;

/** Reads a switch of the kernel. */
export interface ForwardingSwitches {
  readonly read: (name: string, key: string) => string;
  readonly names: () => readonly string[];
}

export interface ForwardingContext {
  readonly degradations: Degradations;
  readonly upkeep: Upkeep;
  readonly time: Pick<Time, 'every'>;
}

/** Reports when the kernel forwards nothing between a relay's interfaces; the operator owns the switch. */
export function watchForwarding(
  { degradations, upkeep, time }: ForwardingContext,
  interfaceName: string,
  switches: ForwardingSwitches = hostSwitches,
): () => void {
  const look = () => {
    const isOn = isForwarding(interfaceName, switches);
    upkeep.recordForwarding(isOn);
    if (isOn) degradations.clear('forwarding-off');
    else {
      degradations.raise('forwarding-off', {
        sentence: 'IPv6 forwarding is off, so this relay forwards nothing.',
        evidence: 'net.ipv6.conf.all.forwarding = 0',
        cure: 'Run "sysctl -w net.ipv6.conf.all.forwarding=1".',
      });
    }
  };
  look();
  const endLooks = time.every(lookMs, look);
  return () => {
    endLooks();
    degradations.drop('forwarding-off');
  };
}

/**
 * Returns true if the kernel forwards between the tunnel interface and another one. The switch `forwarding` of a single interface says
 * only whether the host takes router advertisements there; `force_forwarding` (Linux 6.17) does forward.
 */
export function isForwarding(tunnel: string, { read, names }: ForwardingSwitches = hostSwitches): boolean {
  if (isOn(read('all', 'forwarding'))) return true;
  const isForced = (name: string) => isOn(read(name, 'force_forwarding'));
  return isForced(tunnel) && names().some((name) => !notNative.includes(name) && name !== tunnel && isForced(name));
}

const notNative: readonly string[] = ['all', 'default', 'lo'];

function isOn(text: string): boolean {
  return text !== '' && text !== '0';
}

const folder = '/proc/sys/net/ipv6/conf';

function readSwitch(name: string, key: string): string {
  try {
    return readFileSync(`${folder}/${name}/${key}`, 'utf8').trim();
  } catch {
    // A kernel without IPv6, or without this switch.
    return '';
  }
}

function interfaceNames(): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

const hostSwitches: ForwardingSwitches = { read: readSwitch, names: interfaceNames };
