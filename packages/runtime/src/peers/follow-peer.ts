import { request } from 'node:http';
import { parseIpv6 } from '@navalis/address';
import { controlSocketOf, loadStatusSocket } from '@navalis/config';
import { NavalisError } from '../navalis-error.ts';
import type { SubcommandCall } from '../program/subcommand.ts';
import { askError, refusalIn } from '../status/ask-status.ts';
import { followLine, PingSummary, type TimedEvent } from './follow-lines.ts';

/** Runs the command `ping`. Returns 0 if the peer answered, and 1 if it did not. @throws NavalisError as `askProgram` does. */
export async function pingPeer(call: SubcommandCall): Promise<number> {
  const { count, json }: { count?: string; json?: true } = call.options;
  const summary = new PingSummary();
  await follow(call, `/ping${count === undefined ? '?' : `?count=${encodeURIComponent(count)}&`}`, (event) => {
    const news = summary.add(event);
    return json === true ? undefined : news;
  });
  if (json !== true) process.stdout.write(summary.text());
  return summary.received > 0 ? 0 : 1;
}

/** Runs the command `trace`, until Ctrl-C or the end of the program's data plane. @throws NavalisError as `askProgram` does. */
export async function tracePeer(call: SubcommandCall): Promise<number> {
  await follow(call, '/trace?', () => undefined);
  return 0;
}

/** Prints the events of a watch, each with the sentence that `seen` returns for it; resolves when it ends, also by Ctrl-C. */
function follow(
  { program, sources, operands, options }: SubcommandCall,
  path: string,
  seen: (event: TimedEvent) => string | undefined,
): Promise<void> {
  const { json }: { json?: true } = options;
  const [address = ''] = operands;
  if (parseIpv6(address) === undefined) {
    throw new NavalisError('configuration', `"${address}" is not an IPv6 address.`);
  }
  const socketPath = controlSocketOf(loadStatusSocket(program.role, sources));
  return new Promise((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException) => reject(followError(error, socketPath));
    const asked = request(
      { socketPath, path: `${path}address=${encodeURIComponent(address)}`, headers: { 'Navalis-Control': '1' } },
      (response) => {
        const isStream = response.statusCode === 200;
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          text += chunk;
          if (!isStream) return;
          const lines = text.split('\n');
          text = lines.pop()!;
          for (const line of lines.filter(Boolean)) {
            const event = JSON.parse(line) as TimedEvent;
            const sentence = seen(event);
            process.stdout.write(`${json === true ? line : followLine(event)}\n`);
            if (sentence !== undefined) process.stdout.write(`${sentence}\n`);
          }
        });
        response.on('error', fail);
        response.on('end', () => {
          if (isStream) resolve();
          else reject(new NavalisError('configuration', refusalIn(text)));
        });
      },
    );
    asked.on('error', fail);
    asked.end();
    const interrupt = (): void => {
      resolve();
      asked.destroy();
    };
    process.once('SIGINT', interrupt);
    process.once('SIGTERM', interrupt);
  });
}

/** Returns the error of a request that the program did not answer. */
function followError(error: NodeJS.ErrnoException, socketPath: string): NavalisError {
  if (error.code !== 'EACCES') return askError(error, socketPath);
  const sentence = `ping and trace need root, or the user or group of the program: permission to open ${socketPath} is denied. Run the command with sudo.`;
  return new NavalisError('no-privilege', sentence, error);
}
