// Assembles the loops: `node assembly/assemble.mjs` writes ../src/packet-loops/packet-loops-module.ts.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { main } from 'assemblyscript/asc';

const options =
  '--runtime stub --importMemory --noExportMemory --enable simd --optimizeLevel 3 --shrinkLevel 0 --converge';

/** The octets of the module that the sources in this folder make. */
export async function assemble() {
  const folder = fileURLToPath(new URL('.', import.meta.url));
  let module;
  const { error, stderr } = await main(
    ['index.ts', '--baseDir', folder, '--outFile', 'module', ...options.split(' ')],
    {
      writeFile: (name, contents) => {
        if (name === 'module') module = contents;
      },
      readFile: (name, baseDir) => read(`${baseDir}/${name}`),
    },
  );
  if (error) throw new Error(stderr.toString());
  return module;
}

function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const base64 = Buffer.from(await assemble()).toString('base64');
  const lines = base64.match(/.{1,108}/g).map((line) => `    '${line}'`);
  writeFileSync(
    new URL('../src/packet-loops/packet-loops-module.ts', import.meta.url),
    `/** Assembled from \`assembly/\` by \`npm run assemble\`; not edited by hand. */
export const packetLoopsModule: Uint8Array = new Uint8Array(
  Buffer.from(
${lines.join(' +\n  ')},
    'base64',
  ),
);
`,
  );
}
