import { get } from 'node:http';

/** The answer of `/health` on a status socket. */
export interface Health {
  readonly status: number;
  readonly state: string;
  /** Reasons for which the program is degraded. */
  readonly degraded: readonly string[];
}

export function healthOver(socketPath: string): Promise<Health> {
  return new Promise((resolve, reject) => {
    get({ socketPath, path: '/health' }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => {
        const { state = '', degraded = [] } = JSON.parse(text) as HealthBody;
        resolve({ status: response.statusCode ?? 0, state, degraded: degraded.map(({ reason }) => reason) });
      });
    }).on('error', reject);
  });
}

interface HealthBody {
  readonly state?: string;
  readonly degraded?: readonly { readonly reason: string }[];
}
