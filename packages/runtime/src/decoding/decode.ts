import { createReadStream } from 'node:fs';
import { parseIpv6 } from '@navalis/address';
import { explainAddress, explainInput, type Finding } from '@navalis/decode';
import { NavalisError } from '../navalis-error.ts';
import type { SubcommandCall } from '../program/subcommand.ts';
import { isoTime } from '../scheduling/time.ts';
import { addressLines, findingLines } from './decode-lines.ts';

/**
 * Runs the command `decode`. Returns 0 if it explained something of Teredo, and 1 if there was nothing of Teredo or the input could
 * not be read to its end.
 * @throws NavalisError `configuration` for an operand that is neither an address nor a file.
 */
export async function decode({ operands, options }: SubcommandCall): Promise<number> {
  const [operand = '-'] = operands;
  const { json }: { json?: true } = options;
  const address = parseIpv6(operand);
  if (address !== undefined) {
    const explanation = explainAddress(address);
    print(json ? [JSON.stringify(explanation)] : addressLines(explanation));
    return explanation.teredo === undefined ? 1 : 0;
  }
  const chunks: AsyncIterable<Uint8Array> = operand === '-' ? process.stdin : createReadStream(operand);
  try {
    for await (const finding of explainInput(chunks)) {
      print(json ? [JSON.stringify(withIsoTime(finding))] : findingLines(finding));
      if (finding.kind === 'summary') return finding.datagrams > 0 && finding.problem === undefined ? 0 : 1;
    }
  } catch (error) {
    throw readError(operand, error as NodeJS.ErrnoException);
  }
  return 1;
}

function print(lines: readonly string[]): void {
  process.stdout.write(lines.map((line) => `${line}\n`).join(''));
}

function withIsoTime(finding: Finding): object {
  if (finding.kind === 'summary' || finding.atMs === undefined) return finding;
  const { atMs, ...rest } = finding;
  return { ...rest, at: isoTime(atMs) };
}

function readError(operand: string, error: NodeJS.ErrnoException): NavalisError {
  if (error.code === undefined) throw error;
  if (error.code === 'ENOENT') {
    const sentence = `"${operand}" is neither an IPv6 address nor a file: decode takes one of them, or - for standard input.`;
    return new NavalisError('configuration', sentence, error);
  }
  return new NavalisError('system-call-failed', `"${operand}" cannot be read: ${error.code}.`, error);
}
