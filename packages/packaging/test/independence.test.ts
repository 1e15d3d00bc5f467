import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readManifest, repositoryRoot } from '../src/published-packages.ts';

/** An import or export statement: the names that it lists, types included, and the module that they come from. */
interface Statement {
  readonly names: readonly string[];
  readonly from: string;
}

function statementsOf(file: URL): Statement[] {
  const found = readFileSync(file, 'utf8').matchAll(
    /^(?:import|export)\s+(?:type\s+)?(\{[^}]*\}|\*)\s+from\s+'([^']+)'/gm,
  );
  return [...found].map(([, list, from]) => {
    const names = list!.split(/[{},]/).map((name) => name.replace(/^\s*type\b/, '').trim());
    return { names: names.filter((name) => name !== ''), from: from! };
  });
}

/** Returns the statements of an entry and of all files of its package that it needs, types included. */
function statementsBehind(entry: string): Statement[] {
  const files = new Set([new URL(entry, repositoryRoot).href]);
  const all: Statement[] = [];
  for (const file of files) {
    const statements = statementsOf(new URL(file));
    all.push(...statements);
    for (const { from } of statements) if (from.startsWith('.')) files.add(new URL(from, file).href);
  }
  return all;
}

const namesFrom = (statements: readonly Statement[], from: string): string[] =>
  [...new Set(statements.filter((each) => each.from === from).flatMap(({ names }) => names))].sort();
const packagesOf = (statements: readonly Statement[]): string[] =>
  [...new Set(statements.map(({ from }) => from).filter((from) => from.startsWith('@navalis/')))].sort();

describe('@navalis/netio without Teredo', () => {
  const statements = statementsBehind('packages/netio/src/index.ts');

  it('needs no engine', () => {
    const dependencies = Object.keys(readManifest('packages/netio').dependencies!);
    expect(dependencies.sort()).toEqual(['@navalis/address', '@navalis/engine', '@navalis/wire', 'koffi']);
  });

  it('uses only runs, time and the error class of the engine contract', () => {
    const names = namesFrom(statements, '@navalis/engine');
    expect(names).toContain('DatagramRun');
    for (const name of names)
      expect(name).toMatch(/Run$|RunAt$|^(Milliseconds|NavalisError|NavalisErrorCode|PortId|servicePortId)$/);
  });

  it('uses only the headers of IPv6, TCP and UDP of the wire formats', () => {
    const names = namesFrom(statements, '@navalis/wire');
    expect(names.length).toBeGreaterThan(5);
    for (const name of names)
      expect(name).toMatch(/^(tcp|udp|ipv6|transport|checksum|SuperSegment|cutPacket|maximumHeader)/);
  });
});

describe('@navalis/simnet/network without Teredo', () => {
  const statements = statementsBehind('packages/simnet/src/network.ts');

  it('needs no engine', () => {
    expect(statements.length).toBeGreaterThan(40);
    expect(packagesOf(statements)).toEqual(['@navalis/address', '@navalis/engine', '@navalis/nat', '@navalis/wire']);
  });

  it('uses only the general parts of the engine contract, and no event, counter or status of Teredo', () => {
    const names = namesFrom(statements, '@navalis/engine');
    expect(names).toContain('Engine');
    for (const name of names) {
      expect(name).toMatch(/Run$|RunAt$|^(Engine|EngineOutputs|Milliseconds|PortId|RandomSource|servicePortId)$/);
    }
  });

  it('finds the engines behind the entry that has them', () => {
    expect(packagesOf(statementsBehind('packages/simnet/src/index.ts'))).toContain('@navalis/client-core');
  });
});
