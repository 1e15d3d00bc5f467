import type { Role } from '@navalis/config';
import type { Subcommand, SubcommandOption } from './subcommand.ts';

const json: SubcommandOption = { flags: '--json', summary: 'print JSON' };

/** All commands of the programs, in the order of their help. Loads no code, so that the start of a role need not wait for it. */
export const subcommands: readonly Subcommand[] = [
  {
    name: 'run',
    summary: 'run until SIGTERM or SIGINT',
    run: async ({ program, version, sources, dataPlane }) => {
      const { runUntilSignal } = await import('./run-until-signal.ts');
      await runUntilSignal(program.role, version, sources, dataPlane());
      return 0;
    },
  },
  {
    name: 'check',
    summary: 'validate the configuration and touch nothing',
    options: [{ flags: '--live', summary: 'also tell what this host lacks that the program needs' }],
    run: async (call) => (await import('./check-configuration.ts')).checkConfiguration(call),
  },
  {
    name: 'status',
    summary: 'ask the running program',
    options: [json],
    run: async (call) => (await import('../status/print-status.ts')).printStatus(call),
  },
  {
    name: 'diagnose',
    summary: 'find out what NAT this host is behind and which peers it reaches, and leave nothing behind',
    roles: ['client', 'host-relay'],
    options: [
      json,
      { flags: '--lifetime <SECONDS>', summary: 'also find out, up to this, how long a mapping lives' },
      {
        flags: '--native-target <ADDRESS>',
        summary:
          'the IPv6 host to ping, or two with a comma, the second in case of silence, or none (default 2001:4860:4860::8888,2606:4700:4700::1111)',
      },
    ],
    run: async (call) => (await import('../diagnosis/carry-out-diagnosis.ts')).diagnoseHost(call),
  },
  {
    name: 'peers',
    summary: 'list the peers of the running program: state, path, traffic',
    refusedBy: ['server'],
    options: [
      json,
      { flags: '--watch', summary: 'print the list again each second, until Ctrl-C' },
      { flags: '--limit <NUMBER>', summary: 'the number of peers to list (default 20)' },
      {
        flags: '--sort <KEY>',
        summary: 'heard, sent, received or age: the last heard, the busiest or the oldest first (default heard)',
      },
    ],
    run: async (call) => (await import('../peers/list-peers.ts')).listPeers(call),
  },
  {
    name: 'ping',
    summary: 'ping a peer from the running program, as root: first contact, each bubble, path, round trips',
    refusedBy: ['server'],
    operands: [{ name: 'ADDRESS', summary: 'the IPv6 address of a peer' }],
    options: [
      json,
      { flags: '-c, --count <NUMBER>', summary: 'the number of echo requests to send (default: until Ctrl-C)' },
    ],
    run: async (call) => (await import('../peers/follow-peer.ts')).pingPeer(call),
  },
  {
    name: 'trace',
    summary: 'tell what the running program decides on the packets of a peer, as they come (as root)',
    refusedBy: ['server'],
    operands: [{ name: 'ADDRESS', summary: 'the IPv6 address of a peer' }],
    options: [json],
    run: async (call) => (await import('../peers/follow-peer.ts')).tracePeer(call),
  },
  {
    name: 'decode',
    summary: 'explain a Teredo address, octets in hexadecimal, or the Teredo datagrams of a capture',
    operands: [
      {
        name: 'ADDRESS|FILE|-',
        summary:
          'an IPv6 address, a capture (pcap, pcapng) or a file with hexadecimal octets; - reads either from standard input',
      },
    ],
    options: [json],
    run: async (call) => (await import('../decoding/decode.ts')).decode(call),
  },
];

/** Returns the commands that help, completions and man pages of a program list. */
export function listedSubcommandsOf(role: Role): readonly Subcommand[] {
  return subcommandsOf(role).filter(({ refusedBy = [] }) => !refusedBy.includes(role));
}

/** Returns the commands that a program takes, also those that it only refuses with a sentence. */
export function subcommandsOf(role: Role): readonly Subcommand[] {
  return subcommands.filter((each) => each.roles === undefined || each.roles.includes(role));
}
