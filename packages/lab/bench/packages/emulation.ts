import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../../src/command.ts';
import { LabError } from '../../src/lab-error.ts';
import { Laboratory } from '../../src/laboratory.ts';
import { serverAddress } from '../../src/network/address-plan.ts';
import type { Role } from '../../src/programs/navalis.ts';
import { repositoryPath } from '../../src/repository.ts';
import { foreignDebianRoot } from './debian-roots.ts';
import { findPackage } from './ways.ts';

const long = { timeoutMs: 300_000 };
const configurations: Readonly<Record<Role, string>> = {
  client: `server = "${serverAddress}"`,
  server: `primary-address = "${serverAddress}"`,
  relay: 'bind-port = 3545',
  'host-relay': 'bind-port = 3546',
};

/**
 * Starts the programs of the Debian packages and archives for arm64 in qemu's emulation, with the libraries of Debian 12: a program reads
 * its configuration, and calls the kernel through the native part of its library. Services and tunnels are not shown.
 */
export async function checkEmulated(packages: string): Promise<void> {
  const laboratory = new Laboratory();
  try {
    const emulator = [fetchEmulator(), '-L', foreignDebianRoot('bookworm')];
    for (const [role, text] of Object.entries(configurations) as [Role, string][]) {
      const folder = laboratory.file(`arm64-${role}`);
      mkdirSync(folder);
      const file = join(folder, `${role}.toml`);
      writeFileSync(file, `${text}\nextra-global-ipv4 = ["198.51.100.0/24"]\n`);
      for (const { way, node, modules } of unpack(packages, role, folder)) {
        const startedAt = performance.now();
        const start = (...args: readonly string[]) =>
          run(emulator[0]!, [...emulator.slice(1), node, ...args], long).stdout;
        const said = start(`${modules}/teredo-${role}/dist/main.js`, 'check', '--config', file);
        if (said !== 'The configuration is valid.\n') throw new LabError(`teredo-${role} for arm64 says: ${said}`);
        const sent = start('--input-type=module', '--eval', sendAndReceive(modules));
        if (sent !== 'arm64: 5 octets\n') throw new LabError(`netio for arm64 says: ${sent}`);
        const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
        process.stdout.write(`arm64 ${way}: teredo-${role} starts in emulation, twice in ${seconds} s\n`);
      }
    }
  } finally {
    await laboratory.close();
  }
}

/** Returns a script that sends a datagram to its own socket, and tells how much it received. */
function sendAndReceive(modules: string): string {
  return `
    const { createPacketRun, openLinuxNetio, pointRunAt } = await import('${modules}/@navalis/netio/dist/index.js');
    const netio = openLinuxNetio({ offload: false });
    const drops = { drop: (reason) => process.stdout.write(reason) };
    const socket = netio.openUdpSocket({ portId: 0, address: 0x7f000001, port: 0, drops });
    const poller = netio.openPoller();
    poller.watch(socket);
    const run = createPacketRun(Uint8Array.of(1, 2, 3, 4, 5));
    pointRunAt(run, 0, 5);
    socket.queue(run, socket.address, socket.port);
    netio.flushSockets();
    poller.wait(10_000);
    const handleDatagrams = ({ packetLength }) => process.stdout.write(\`\${process.arch}: \${packetLength} octets\\n\`);
    socket.receive({ handleDatagrams }, 0, 64);
    netio.close();`;
}

/** Unpacks both kinds of packages; returns the paths of Node and of the folder of modules in each. */
function unpack(packages: string, role: Role, folder: string): { way: string; node: string; modules: string }[] {
  for (const pattern of [/^navalis-runtime_.*_arm64\.deb$/, new RegExp(`^teredo-${role}_.*_all\\.deb$`)])
    run('dpkg-deb', ['--extract', join(packages, findPackage(packages, pattern)), folder], long);
  const archive = findPackage(packages, new RegExp(`^teredo-${role}-\\d.*-linux-arm64\\.tar\\.gz$`));
  const top = join(folder, 'archive');
  mkdirSync(top);
  run('tar', ['-xzf', join(packages, archive), '--strip-components=1', '-C', top], long);
  return [
    {
      way: 'deb',
      node: join(folder, 'usr/libexec/navalis/node'),
      modules: join(folder, 'usr/lib/navalis/node_modules'),
    },
    { way: 'tar.gz', node: join(top, 'libexec/node'), modules: join(top, 'lib/node_modules') },
  ];
}

/** Returns qemu, which is unpacked from Debian's package and not installed: the kernel would start foreign programs with it. */
function fetchEmulator(): string {
  const cache = repositoryPath('node_modules/.cache/qemu');
  if (!existsSync(cache)) {
    const parts = `${cache}.part`;
    rmSync(parts, { recursive: true, force: true });
    mkdirSync(parts, { recursive: true });
    const script = 'cd "$1" && apt-get -qq download qemu-user-static && dpkg-deb --extract ./*.deb . && rm ./*.deb';
    run('sh', ['-ec', script, 'sh', parts], long);
    renameSync(parts, cache);
  }
  return join(cache, 'usr/bin/qemu-aarch64-static');
}
