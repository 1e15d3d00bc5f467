// A NAT in user space, for the kinds that Linux cannot be: user-space-nat.js INTERFACE TRANSLATION. Translates what is
// routed into the tunnel interface INTERFACE, and gives it back to be routed on. TRANSLATION is a Translation in JSON.
import { openSync, readSync, writeSync } from 'node:fs';
import koffi from 'koffi';
import { PacketTranslator, type Translation } from './packet-translator.ts';

// linux/if.h, linux/if_tun.h
const IFNAMSIZ = 16;
const requestOctets = 40;
const IFF_TUN = 0x0001;
const IFF_NO_PI = 0x1000;
const TUNSETIFF = 0x4004_54ca;

const [name, translation] = process.argv.slice(2) as [string, string];
const translator = new PacketTranslator(JSON.parse(translation) as Translation);
const tunnel = attachTo(name);
const space = new Uint8Array(0x1_0000);
process.stdout.write('translating\n');
for (;;) {
  const packet = space.subarray(0, readSync(tunnel, space));
  if (translator.translate(packet, performance.now())) writeSync(tunnel, packet);
}

/** Returns the descriptor of an interface that exists. */
function attachTo(interfaceName: string): number {
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
