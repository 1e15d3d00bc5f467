import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { root, workspacePackages } from './workspace.ts';

const packages = new URL('packages/', root);
const corePackages = workspacePackages()
  .filter(({ tag }) => tag === 'core')
  .map(({ name }) => name);

/** Returns the sources of core packages that contain a text, and how often. */
function places(text: string): Record<string, number> {
  const found: Record<string, number> = {};
  for (const name of corePackages) {
    const folder = new URL(`${name}/src/`, packages);
    for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      if (!file.endsWith('.ts') || file === 'testing.ts') continue;
      const count = readFileSync(new URL(file, folder), 'utf8').split(text).length - 1;
      if (count > 0) found[`${name}/${file}`] = count;
    }
  }
  return found;
}

describe('the send paths of the core packages', () => {
  it('[SEC-05b] are the gate, the configured servers, and the server, which checks before it sends', () => {
    expect(Object.keys(places('.sendDatagrams('))).toEqual([
      'engine/sending/send-gate.ts',
      'qualification/interval/interval-determination.ts',
      'qualification/solicitation/solicitor.ts',
      'server-core/server-engine.ts',
      // To the configured TURN server, and to endpoints that the gate of the engine behind it has let pass.
      'turn/relayed-port.ts',
    ]);
  });

  it('[SEC-05c] that bypass the gate are three: peers checked before they became trusted, the own link, and the own NAT', () => {
    expect(places('.sendTrusted(')).toEqual({
      'engine/sending/send-gate.ts': 1,
      'traversal/bubble-plan.ts': 1,
      'traversal/bubble-sender.ts': 2,
      'traversal/traversal.ts': 1,
    });
    expect(places('.sendOnLink(')).toEqual({
      'client-core/local-link/local-discovery.ts': 1,
      'traversal/bubble-plan.ts': 1,
    });
  });
});
