import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Laboratory } from '../laboratory.ts';
import { accessNetwork } from '../network/address-plan.ts';
import { ensurePrivileges } from '../privileges.ts';
import { Capture } from '../traffic/capture.ts';
import { buildScene, drawScene, startCast } from './demo-scene.ts';
import { showAddresses, showCounters, showPaths, showSymmetricNat, showThroughput } from './demo-show.ts';
import { Terminal } from './terminal.ts';

const help = `Usage: npm run demo [-- --capture FILE]

Builds an Internet of network namespaces, runs the four Teredo programs in it, shows what
they do, and removes everything again. Takes less than a minute.

  --capture FILE   record the traffic of all clients for tshark or Wireshark
  --help           this text`;

async function main(terminal: Terminal): Promise<void> {
  const { values } = parseArgs({ options: { capture: { type: 'string' }, help: { type: 'boolean' } } });
  if (values.help === true) return terminal.line(help);
  await ensurePrivileges();
  const laboratory = new Laboratory();
  try {
    await demonstrate(terminal, laboratory, values.capture);
  } finally {
    await laboratory.close();
  }
  terminal.step('Done: all programs ended, all namespaces removed.');
}

async function demonstrate(terminal: Terminal, laboratory: Laboratory, captureFile: string | undefined): Promise<void> {
  terminal.line(terminal.paint('bold', 'Navalis: IPv6 for hosts behind IPv4 NATs (Teredo), shown in a laboratory.'));
  terminal.step('The laboratory');
  // A recording shows each packet only without super-segments.
  const scene = buildScene(laboratory, captureFile === undefined ? 'super-segments' : 'single-packets');
  drawScene(terminal);
  const { core } = scene.internet;
  const capture =
    captureFile === undefined
      ? undefined
      : await Capture.start(laboratory, core, accessNetwork.bridge, resolve(captureFile));

  terminal.step('Starting the programs');
  const cast = await startCast(terminal, scene);

  terminal.step('Parts of the addresses');
  await showAddresses(terminal, cast);

  terminal.step('Pings: the first opens the way, the following use it');
  await showPaths(terminal, scene, cast);

  terminal.step('Throughput: one TCP stream by iperf3');
  // A recording of whole seconds would be too large to read.
  await showThroughput(terminal, scene, cast, capture === undefined ? { seconds: 3 } : { megabytes: 5 });

  terminal.step('A symmetric NAT: another port for each destination');
  await showSymmetricNat(terminal, scene);

  terminal.step('Counters of the programs');
  await showCounters(terminal, cast);

  if (capture !== undefined) {
    await capture.stop();
    terminal.line();
    terminal.done(`recorded in ${capture.file}`);
  }
}

const terminal = new Terminal();
try {
  await main(terminal);
} catch (error) {
  terminal.failure(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
