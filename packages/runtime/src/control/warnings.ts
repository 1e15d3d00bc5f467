import { readFileSync } from 'node:fs';

export const rateLimitWarning =
  'Limits per source are off: this is for benchmarks and lets anybody misuse this host against others.';

/** A sentence when the kernel would not pass packets between a relay's interfaces; the switch is left to the user. */
export function forwardingWarning(): string | undefined {
  return isForwarding()
    ? undefined
    : 'IPv6 forwarding is off, so this relay passes nothing on: switch it on with "sysctl -w net.ipv6.conf.all.forwarding=1".';
}

function isForwarding(): boolean {
  try {
    return readFileSync('/proc/sys/net/ipv6/conf/all/forwarding', 'utf8').trim() !== '0';
  } catch {
    return false;
  }
}
