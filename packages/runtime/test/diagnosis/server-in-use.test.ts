import { parseIpv4 } from '@navalis/address';
import { describe, expect, it } from 'vitest';
import { serverInUse } from '../../src/diagnosis/server-in-use.ts';
import { NavalisError } from '../../src/navalis-error.ts';
import type { StatusReport } from '../../src/status/status-report.ts';

async function answered(ask: () => Promise<Partial<StatusReport>>) {
  const errors: string[] = [];
  const asked: string[] = [];
  const inUse = await serverInUse(
    { statusSocket: '/run/status.sock' },
    (error) => errors.push(error.message),
    async (path) => {
      asked.push(path);
      return (await ask()) as StatusReport;
    },
  );
  expect(asked).toEqual(['/run/status.sock']);
  return { inUse, errors };
}

describe('the server in use', () => {
  it('is that of a running client with an address', async () => {
    const status = { server: '8.8.4.4', address: '2001:0:808:404::1' };
    expect(await answered(async () => status)).toEqual({ inUse: parseIpv4('8.8.4.4'), errors: [] });
  });

  it('is none for a client that is off-line and tries one after the other', async () => {
    expect(await answered(async () => ({ server: '8.8.4.4' }))).toEqual({ inUse: undefined, errors: [] });
  });

  it('is none without a running client; only a client that cannot be asked is worth a line', async () => {
    const failing = (code: 'not-running' | 'no-privilege') =>
      answered(() => Promise.reject(new NavalisError(code, 'No answer.')));
    expect(await failing('not-running')).toEqual({ inUse: undefined, errors: [] });
    expect(await failing('no-privilege')).toEqual({ inUse: undefined, errors: ['No answer.'] });
  });
});
