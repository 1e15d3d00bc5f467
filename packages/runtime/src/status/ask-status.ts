import { accessSync, constants } from 'node:fs';
import { request } from 'node:http';
import { controlSocketOf } from '@navalis/config';
import { NavalisError } from '../navalis-error.ts';
import { hostTime } from '../scheduling/time.ts';
import type { StatusReport } from './status-report.ts';

/** Our choice: how long a user waits for an answer, and until the next attempt at a crowded socket. */
const patienceMs = 5_000;
const againMs = 50;

/**
 * Asks a running program for its status.
 * @throws NavalisError `not-running` without an answer, `no-privilege` without permission to open the socket.
 */
export function askStatus(socketPath: string): Promise<StatusReport> {
  return askProgram(socketPath, '/status');
}

/**
 * Asks a running program for what it serves at this path. Rejects as `askStatus` does, and with `configuration` and the program's own
 * sentence when it refuses the parameters.
 */
export async function askProgram<Answer>(socketPath: string, path: string): Promise<Answer> {
  const until = hostTime.now() + patienceMs;
  for (;;) {
    try {
      return await askOnce<Answer>(socketPath, path);
    } catch (error) {
      if (!isCrowded(error) || hostTime.now() >= until) throw error;
      await new Promise<void>((resolve) => hostTime.after(againMs, resolve));
    }
  }
}

/** Returns true if more connections than the kernel keeps wait for the program: one that may wait itself would. */
function isCrowded(error: unknown): boolean {
  return (error as { readonly cause?: NodeJS.ErrnoException }).cause?.code === 'EAGAIN';
}

function askOnce<Answer>(socketPath: string, path: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException) => reject(askError(error, socketPath));
    const asked = request({ socketPath: ownSocket(socketPath), path, timeout: patienceMs }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('error', fail);
      response.on('end', () => {
        if (response.statusCode === 200) resolve(JSON.parse(text) as Answer);
        else if (response.statusCode === 400) reject(new NavalisError('configuration', refusalIn(text)));
        else fail(new Error(`it answers with HTTP status ${response.statusCode}`));
      });
    });
    asked.on('timeout', () => asked.destroy(new Error('it does not answer within 5 s')));
    asked.on('error', fail);
    asked.end();
  });
}

/** Returns the control socket to those who may use it: whatever other users do to the status socket, they get an answer (SEC-46). */
function ownSocket(statusSocket: string): string {
  const controlSocket = controlSocketOf(statusSocket);
  try {
    accessSync(controlSocket, constants.R_OK | constants.W_OK);
    return controlSocket;
  } catch {
    return statusSocket;
  }
}

/** Returns the sentence with which a program refuses a request. */
export function refusalIn(text: string): string {
  return (JSON.parse(text) as { error: string }).error;
}

/** Returns the error of a request that the program did not answer. */
export function askError(error: NodeJS.ErrnoException, socketPath: string): NavalisError {
  if (error.code === 'EACCES') {
    const sentence = `The status socket ${socketPath} cannot be opened: permission is denied. Run the command with sudo.`;
    return new NavalisError('no-privilege', sentence, error);
  }
  const isAbsent = error.code === 'ENOENT' || error.code === 'ECONNREFUSED';
  const reason = isAbsent ? `nothing answers on ${socketPath}` : error.message;
  return new NavalisError('not-running', `not running: ${reason}.`, error);
}
