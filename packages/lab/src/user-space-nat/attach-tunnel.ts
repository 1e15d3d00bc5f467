import { openSync } from 'node:fs';
import koffi from 'koffi';

// linux/if.h, linux/if_tun.h
const IFNAMSIZ = 16;
const requestOctets = 40;
const IFF_TUN = 0x0001;
const IFF_NO_PI = 0x1000;
const TUNSETIFF = 0x4004_54ca;

/** Returns the descriptor of a tunnel interface that exists. */
export function attachTo(interfaceName: string): number {
  const descriptor = openSync('/dev/net/tun', 'r+');
  const ioctl = koffi.load(null).func('int ioctl(int descriptor, ulong request, void *argument)');
  const request = Buffer.alloc(requestOctets);
  request.write(interfaceName, 'latin1');
  request.writeUInt16LE(IFF_TUN | IFF_NO_PI, IFNAMSIZ);
  if (ioctl(descriptor, TUNSETIFF, request) !== 0) {
    throw new Error(`${interfaceName} cannot be attached, error ${koffi.errno()}.`);
  }
  return descriptor;
}
