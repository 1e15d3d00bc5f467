import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readManifest, repositoryRoot } from '../src/published-packages.ts';

/** Returns the names that the sources of a package import from another, values and types. */
function importedNames(folder: string, from: string): string[] {
  const sources = new URL(`${folder}/src/`, repositoryRoot);
  const names = readdirSync(sources, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => {
      const source = readFileSync(new URL(file, sources), 'utf8');
      const statements = source.matchAll(/(?:import|export)\s+(?:type\s+)?\{([^}]*)\}\s+from\s+'([^']+)'/g);
      return [...statements].filter(([, , path]) => path === from).flatMap(([, list]) => list!.split(','));
    });
  return [...new Set(names.map((name) => name.replace(/\btype\b/, '').trim()))].filter((name) => name !== '').sort();
}

describe('@navalis/netio without Teredo', () => {
  it('needs no engine', () => {
    const dependencies = Object.keys(readManifest('packages/netio').dependencies!);
    expect(dependencies.sort()).toEqual(['@navalis/address', '@navalis/engine', '@navalis/wire', 'koffi']);
  });

  it('knows of the engine contract its runs, its time and its error class alone', () => {
    const names = importedNames('packages/netio', '@navalis/engine');
    expect(names).toContain('DatagramRun');
    for (const name of names)
      expect(name).toMatch(/Run$|RunAt$|^(Milliseconds|NavalisError|NavalisErrorCode|PortId|servicePortId)$/);
  });

  it('knows of the wire formats the headers of IPv6, TCP and UDP alone', () => {
    const names = importedNames('packages/netio', '@navalis/wire');
    expect(names.length).toBeGreaterThan(5);
    for (const name of names)
      expect(name).toMatch(/^(tcp|udp|ipv6|transport|checksum|SuperSegment|cutPacket|maximumHeader)/);
  });
});
