import { loadConfiguration } from '@navalis/config';
import type { SubcommandCall } from './subcommand.ts';

/** Validates the configuration and prints its warnings; touches nothing else. @throws NavalisError `configuration` */
export function checkConfiguration({ program, sources }: SubcommandCall): number {
  const { warnings } = loadConfiguration(program.role, sources);
  process.stdout.write(`${['The configuration is valid.', ...warnings].join('\n')}\n`);
  return 0;
}
