import { setFlagsFromString } from 'node:v8';
import { describe, expect, it } from 'vitest';
import { compileEarly } from '../../src/worker/early-compilation.ts';

/** Runs code that V8 has not seen before once; answers whether it was compiled for that. */
function isCompiledAtOnce(code: string): boolean {
  setFlagsFromString('--allow-natives-syntax');
  const isCompiled = new Function('code', 'code(1); return %ActiveTierIsSparkplug(code);');
  return isCompiled(new Function('value', code)) as boolean;
}

describe('early compilation', () => {
  it('has code compiled before it runs for the first time', () => {
    expect(isCompiledAtOnce('return value + 1')).toBe(false);
    compileEarly();
    expect(isCompiledAtOnce('return value + 2')).toBe(true);
  });
});
