import { readFileSync } from 'node:fs';
import { anyInterface } from '@navalis/life';

/** RTF_REJECT of linux/ipv6_route.h: unreachable, prohibit, blackhole. */
const rejectFlag = 0x200;

/**
 * The interfaces of default routes in the kernel's tables (`/proc/net/ipv6_route`), each once. A route counts when it covers all
 * of 2000::/3, as the halves that VPNs set do. `hasCarrier` tells whether an interface can send.
 */
export function parseIpv6Exits(
  text: string,
  isWhole: boolean,
  hasCarrier: (interfaceName: string) => boolean = carrierOf,
): readonly string[] {
  const names = text
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([destination = '', length = '', , , , , , , flags = '', name = '']) => {
      const isRejected = (Number.parseInt(flags, 16) & rejectFlag) !== 0;
      return coversGlobal(destination, Number.parseInt(length, 16)) && !isRejected && name !== 'lo';
    })
    .map((fields) => fields[9]!);
  const exits = [...new Set(names)].filter(hasCarrier);
  return isWhole ? exits : [...exits, anyInterface];
}

/** Returns true if a prefix covers 2000::/3. */
function coversGlobal(destination: string, length: number): boolean {
  if (!(length <= 3)) return false;
  const first = Number.parseInt(destination.slice(0, 2), 16);
  return first >>> (8 - length) === 0x20 >>> (8 - length);
}

/** Returns true if an interface has a carrier; interfaces that sysfs does not show are assumed to have one. */
function carrierOf(interfaceName: string): boolean {
  try {
    return readFileSync(`/sys/class/net/${interfaceName}/carrier`, 'utf8').trim() !== '0';
  } catch {
    return true;
  }
}
