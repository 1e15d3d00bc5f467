import { expect, it } from 'vitest';
import { once } from '../../src/scheduling/once.ts';

it('makes something once, and again after a failure', async () => {
  let made = 0;
  const get = once(async () => {
    made += 1;
    if (made === 1) throw new Error('no');
    return made;
  });
  await expect(get()).rejects.toThrow('no');
  expect([await get(), await get(), made]).toEqual([2, 2, 2]);
});
