import { describe, expect, it } from 'vitest';
import { assemble } from '../assembly/assemble.mjs';
import { packetLoopsModule } from '../src/packet-loops/packet-loops-module.ts';

describe('packet loops', () => {
  it('are compiled from their current sources', async () => {
    expect(await assemble()).toEqual(packetLoopsModule);
  });
});
