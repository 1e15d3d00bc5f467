import { describe, expect, it } from 'vitest';
import { loadKoffi } from '../src/kernel/load-koffi.ts';
import { errorOf } from './errors.ts';

describe('loadKoffi', () => {
  it('loads the installed package', () => {
    expect(loadKoffi().version).toMatch(/^3\./);
  });

  it('names the remedy when the package does not load', () => {
    const cause = new Error('Cannot find the native Koffi module');
    const error = errorOf(() =>
      loadKoffi((name) => {
        throw name === 'koffi' ? cause : new Error(`asked for ${name}`);
      }),
    );
    expect(error.code).toBe('ffi-not-loadable');
    expect(error.message).toContain('npm install --include=optional');
    expect(error.cause).toBe(cause);
  });
});
