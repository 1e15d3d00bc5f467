import { loadConfiguration } from '@navalis/config';
import type { LiveFinding } from '../live-check/live-check.ts';
import { hostTime } from '../scheduling/time.ts';
import type { SubcommandCall } from './subcommand.ts';
import { Sunset } from './sunset.ts';

/**
 * Validates the configuration and prints its warnings; with `--live` also whether this host has what the role needs. Changes
 * nothing. Resolves with the exit status: 1 if something is missing.
 * @throws NavalisError `configuration`, and `sunset` when service has ended
 */
export async function checkConfiguration({ program, sources, options }: SubcommandCall): Promise<number> {
  const configuration = loadConfiguration(program.role, sources);
  if (configuration.sunset !== undefined) new Sunset(configuration.sunset).requireService(hostTime.wall());
  const { live } = options;
  const print = (lines: readonly string[]) => void process.stdout.write(`${lines.join('\n')}\n`);
  print(['The configuration is valid.', ...configuration.warnings]);
  if (live !== true) return 0;
  const [{ checkLive }, { liveAccess }] = await Promise.all([
    import('../live-check/live-check.ts'),
    import('../live-check/live-access.ts'),
  ]);
  const findings = await checkLive(configuration, liveAccess(configuration));
  print(findings.map(({ state, sentence }) => `${labels[state]} ${sentence}`));
  return findings.some(({ state }) => state === 'missing') ? 1 : 0;
}

const labels: Readonly<Record<LiveFinding['state'], string>> = {
  present: 'Present:',
  missing: 'Missing:',
  note: 'Note:   ',
};
