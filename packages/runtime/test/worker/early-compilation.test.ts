import { spawnSync } from 'node:child_process';
import { setFlagsFromString } from 'node:v8';
import { describe, expect, it } from 'vitest';
import { compileEarly, earlyFlags } from '../../src/worker/early-compilation.ts';

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
  it('uses flags that V8 accepts without a word', () => {
    const code = 'for (const flag of process.argv.slice(1)) require("node:v8").setFlagsFromString(flag);';
    const flags = earlyFlags(process.versions.node);
    const { status, stdout, stderr } = spawnSync(process.execPath, ['-e', code, ...flags], { encoding: 'utf8' });
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' });
  });

  it.each([
    ['20.19.0', '--interrupt-budget'],
    ['21.7.3', '--invocation-count-for-turbofan'],
    ['22.12.0', '--invocation-count-for-turbofan'],
    ['26.12.1', '--invocation-count-for-turbofan'],
  ])('knows the flag of Node %s', (version, name) => {
    expect(earlyFlags(version)[1]).toContain(`${name}=`);
  });
});
