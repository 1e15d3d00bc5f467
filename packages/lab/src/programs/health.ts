import { get } from 'node:http';

/** The answer of `/health` on a status socket. */
export interface Health {
  readonly status: number;
  readonly state: string;
  /** Reasons for which the program is degraded. */
  readonly degraded: readonly string[];
}

export async function healthOver(socketPath: string): Promise<Health> {
  const { status, text } = await getOver(socketPath, '/health');
  const { state = '', degraded = [] } = JSON.parse(text) as HealthBody;
  return { status, state, degraded: degraded.map(({ reason }) => reason) };
}

/** Returns the metrics in the text format of Prometheus. */
export async function metricsOver(socketPath: string): Promise<string> {
  return (await getOver(socketPath, '/metrics')).text;
}

function getOver(socketPath: string, path: string): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    get({ socketPath, path }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    }).on('error', reject);
  });
}

interface HealthBody {
  readonly state?: string;
  readonly degraded?: readonly { readonly reason: string }[];
}
