import { loadStatusSocket } from '@navalis/config';
import type { SubcommandCall } from '../program/subcommand.ts';
import { hostTime } from '../scheduling/time.ts';
import { askStatus } from './ask-status.ts';
import { statusPage } from './status-page.ts';

/** Prints the status of the running program, for people or as JSON. @throws NavalisError as `askStatus` does. */
export async function printStatus({ program, sources, options }: SubcommandCall): Promise<number> {
  const report = await askStatus(loadStatusSocket(program.role, sources));
  const { json }: { json?: true } = options;
  const text = json ? `${JSON.stringify(report, undefined, 2)}\n` : statusPage(report, hostTime.wall());
  process.stdout.write(text);
  return 0;
}
