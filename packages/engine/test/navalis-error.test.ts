import { describe, expect, it } from 'vitest';
import { NavalisError } from '../src/index.ts';

describe('an error for the user', () => {
  it('has a code, a sentence, its cause, and what is missing or wrong', () => {
    const cause = new Error('ENOENT');
    const error = new NavalisError('missing', 'The file is missing.', cause, '/etc/keys');
    expect(error).toBeInstanceOf(Error);
    expect([error.name, error.code, error.message, error.cause, error.evidence]).toEqual([
      'NavalisError',
      'missing',
      'The file is missing.',
      cause,
      '/etc/keys',
    ]);
  });

  it('has no cause and no evidence where the sentence is enough', () => {
    const error = new NavalisError('refused', 'The server refuses.');
    expect(['cause' in error, error.evidence]).toEqual([false, undefined]);
  });
});
