import type { Laboratory } from '../laboratory.ts';
import { serverAddress, serverSecondaryAddress } from '../network/address-plan.ts';
import type { Namespace } from '../network/namespace.ts';
import { Program } from '../programs/program.ts';

export interface CrowdResult {
  /** Clients that got the same mapped endpoint from both addresses of the server. */
  readonly qualified: number;
  /** Clients that did not. */
  readonly offline: number;
  /** The time from the start to the last client's result. */
  readonly lastMs: number;
  readonly solicitations: number;
  readonly answers: number;
  /** IPv4 addresses at which the server saw them. */
  readonly mappedAddresses: readonly string[];
}

/**
 * Minimal clients on one machine, with a socket each: each solicits both addresses of the server, one after the other, at most
 * three times each and 4 s apart (RFC 4380 5.2.1).
 */
const script = `
  import { createSocket } from 'node:dgram';
  import { randomBytes } from 'node:crypto';
  const [clients, primary, secondary] = JSON.parse(process.argv[1]);
  const solicitation =
    '6000000000083afffe8000000000000000003ffff5fffffdff0200000000000000000000000000028500473a00000000';
  const startedAt = performance.now();
  const result = { qualified: 0, offline: 0, lastMs: 0, solicitations: 0, answers: 0, mappedAddresses: [] };
  const end = (kind) => {
    result[kind] += 1;
    result.lastMs = Math.round(performance.now() - startedAt);
    if (result.qualified + result.offline < clients) return;
    console.log('crowd', JSON.stringify(result));
  };
  for (let client = 0; client < clients; client++) {
    const socket = createSocket('udp4');
    const nonce = randomBytes(8).toString('hex');
    const question = Buffer.from('00010000' + nonce + '00' + solicitation, 'hex');
    const mapped = [];
    let tries = 0;
    let timer;
    const ask = () => {
      if (tries === 3) { socket.close(); end('offline'); return; }
      tries += 1;
      result.solicitations += 1;
      socket.send(question, 3544, mapped.length === 0 ? primary : secondary);
      timer = setTimeout(ask, 4000);
    };
    socket.on('message', (bytes, from) => {
      const expected = mapped.length === 0 ? primary : secondary;
      if (from.address !== expected || bytes.toString('hex', 4, 12) !== nonce) return;
      result.answers += 1;
      clearTimeout(timer);
      const address = [...bytes.subarray(17, 21)].map((octet) => octet ^ 255).join('.');
      if (!result.mappedAddresses.includes(address)) result.mappedAddresses.push(address);
      mapped.push(address + ':' + (bytes.readUInt16BE(15) ^ 0xffff));
      tries = 0;
      if (mapped.length === 1) { ask(); return; }
      socket.close();
      end(mapped[0] === mapped[1] ? 'qualified' : 'offline');
    });
    socket.bind(0, ask);
  }
`;

/** Starts all clients of a machine at once, and waits until each has an address or gave up. */
export async function startCrowd(laboratory: Laboratory, machine: Namespace, clients: number): Promise<CrowdResult> {
  const program = Program.start(laboratory, machine, {
    name: `${clients} clients on ${machine.label}`,
    command: process.execPath,
    args: ['--input-type=module', '-e', script, JSON.stringify([clients, serverAddress, serverSecondaryAddress])],
  });
  const [, text = ''] = await program.line(/^crowd (.*)$/m, 60_000);
  return JSON.parse(text) as CrowdResult;
}
