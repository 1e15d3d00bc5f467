import { describe, expect, it } from 'vitest';
import { crowd } from '../src/scenarios/crowd.ts';

describe('a crowd', () => {
  it('300 clients on one server: all have an address, and all pings are answered', () => {
    expect(crowd(300, 1)).toMatchObject({ qualified: 300, pings: 600, answered: 600 });
  });
});
