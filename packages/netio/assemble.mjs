// Writes src/checksum/internet-checksum-module.ts from the assembly text beside it.
import { readFileSync, writeFileSync } from 'node:fs';
import wabt from 'wabt';

const folder = new URL('./src/checksum/', import.meta.url);
const source = 'internet-checksum.wat';
const { parseWat } = await wabt();
const text = readFileSync(new URL(source, folder), 'utf8');
const base64 = Buffer.from(parseWat(source, text).toBinary({}).buffer).toString('base64');
const lines = base64.match(/.{1,100}/g).map((line) => `    '${line}'`);
writeFileSync(
  new URL('internet-checksum-module.ts', folder),
  `/** Assembled from ${source} by \`npm run assemble\`; not edited by hand. */
export const internetChecksumModule: Uint8Array = new Uint8Array(
  Buffer.from(
${lines.join(' +\n  ')},
    'base64',
  ),
);
`,
);
