// A NAT in user space, for the kinds that Linux cannot be: user-space-nat.js INTERFACE TRANSLATION. Translates what is
// routed into the tunnel interface INTERFACE, and gives it back to be routed on. TRANSLATION is a Translation in JSON.
import { readSync, writeSync } from 'node:fs';
import { attachTo } from './attach-tunnel.ts';
import { PacketTranslator, type Translation } from './packet-translator.ts';

const [name, translation] = process.argv.slice(2) as [string, string];
const translator = new PacketTranslator(JSON.parse(translation) as Translation);
const tunnel = attachTo(name);
const space = new Uint8Array(0x1_0000);
process.stdout.write('translating\n');
for (;;) {
  const packet = space.subarray(0, readSync(tunnel, space));
  if (translator.translate(packet, performance.now())) writeSync(tunnel, packet);
}
