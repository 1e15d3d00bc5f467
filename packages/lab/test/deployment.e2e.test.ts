import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { guideBlocks } from '../src/guide/guide-blocks.ts';
import { GuideMachine } from '../src/guide/guide-machine.ts';
import { Laboratory } from '../src/laboratory.ts';
import { Internet } from '../src/network/internet.ts';
import type { Namespace } from '../src/network/namespace.ts';

const blocks = guideBlocks('docs/operate/deploy.md', 'The smallest deployment');

type MachineName = 'vps' | 'router' | 'client';

describe('the smallest deployment of the guide, copied literally', () => {
  let laboratory: Laboratory;
  let machines: Readonly<Record<MachineName, GuideMachine>>;
  let web: Namespace;

  beforeAll(async () => {
    laboratory = new Laboratory();
    const internet = new Internet(laboratory);
    web = internet.webHost();
    const [vps, router, client] = await Promise.all([
      GuideMachine.start(laboratory, internet.serverHost()),
      GuideMachine.start(laboratory, internet.core),
      GuideMachine.start(laboratory, internet.home().host),
    ]);
    machines = { vps, router, client };
  });

  afterAll(() => laboratory.close());

  it('leads to a client that reaches the VPS and a native host', { timeout: 300_000 }, async () => {
    const outputs: string[] = [];
    for (const { machine, commands } of blocks)
      outputs.push((await machines[machine as MachineName].run(commands)).stdout);
    expect(blocks.length).toBe(9);
    expect(outputs[4]!.match(/State +running/g)).toHaveLength(3);
    expect(outputs[6]).toMatch(/State +qualified/);
    expect(outputs[8]!.match(/ 0% packet loss|[1-4] received/g)?.length).toBeGreaterThanOrEqual(2);
  });

  it('guards the VPS and the client: a service beside Teredo cannot be reached', async () => {
    const listener = "require('net').createServer((socket) => socket.end('x')).listen(8080, '::')";
    const listen = `setsid ${process.execPath} -e "${listener}" </dev/null >/dev/null 2>&1 &`;
    const { stdout } = await machines.client.run("teredo-client status | sed -n 's/^ *Address  *//p'");
    const address = stdout.trim();
    await web.runBeside('ping', ['-6', '-c', '5', '-i', '0.5', address]);
    await machines.vps.run(listen);
    await machines.client.run(listen);
    const isOpen = async (machine: GuideMachine, host: string) =>
      (await machine.run(`timeout 2 bash -c 'exec 3<>/dev/tcp/${host}/8080'`, { tolerant: true })).status === 0;
    await expect.poll(() => isOpen(machines.vps, '::1'), { timeout: 10_000 }).toBe(true);
    await expect.poll(() => isOpen(machines.client, '::1'), { timeout: 10_000 }).toBe(true);
    const fromWeb = ['2', 'bash', '-c', `exec 3<>/dev/tcp/${address}/8080`];
    const [isOpenOverIpv4, isOpenOverIpv6, through] = await Promise.all([
      isOpen(machines.router, '198.51.100.10'),
      isOpen(machines.router, '2d00:0:0:1::10'),
      web.runBeside('timeout', fromWeb, { tolerant: true }),
    ]);
    expect([isOpenOverIpv4, isOpenOverIpv6]).toEqual([false, false]);
    expect(through.status).not.toBe(0);
  });
});
