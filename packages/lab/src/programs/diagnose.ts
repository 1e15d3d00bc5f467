import { laboratoryRanges, serverAddress } from '../network/address-plan.ts';
import type { Namespace } from '../network/namespace.ts';
import { mainFile } from './navalis.ts';

export interface DiagnoseOutcome {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number | null;
}

/** Runs `teredo-client diagnose` on a host. */
export async function diagnose(host: Namespace, ...flags: readonly string[]): Promise<DiagnoseOutcome> {
  const args = [mainFile('client'), 'diagnose', '--server', serverAddress, ...flags];
  args.push('--extra-global-ipv4', laboratoryRanges.join(','));
  const { stdout, stderr, status } = await host.runBeside(process.execPath, args, {
    tolerant: true,
    timeoutMs: 60_000,
  });
  return { stdout, stderr, status };
}
