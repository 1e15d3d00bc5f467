import { join } from 'node:path';
import type { Architecture } from './architecture.ts';
import { download } from './download.ts';

/** The Node that the packages contain: a release with long-term support. */
export const nodeVersion = '24.21.0';

const integrity: Readonly<Record<Architecture, string>> = {
  x64: 'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
  arm64: 'sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
};

/** Fetches Node; returns the paths of its binary and of its license. */
export function fetchNode(architecture: Architecture): { binary: string; license: string } {
  const folder = download({
    name: `node-linux-${architecture}`,
    version: nodeVersion,
    integrity: integrity[architecture],
  });
  return { binary: join(folder, 'bin/node'), license: join(folder, 'LICENSE') };
}
