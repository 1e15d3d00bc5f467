import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** The queues of this program in the kernel, and the packets that the kernel dropped because the program was too slow. */
export interface QueueReport {
  /** Octets that wait in the receive buffers of the program's UDP sockets. */
  readonly receiveOctets: number;
  /** Octets that wait in their send buffers. */
  readonly sendOctets: number;
  /** Datagrams dropped at full receive buffers, since the program started. */
  readonly socketDrops: number;
  /** Packets of the host dropped at the full queue of the tunnel interface, since it was created. */
  readonly interfaceDrops: number;
}

/** Files of the kernel; tests replace them. */
export interface QueueFiles {
  /** Returns the text of /proc/net/udp. */
  readonly sockets: () => string;
  /** Returns the inodes of this process's sockets; undefined when they cannot be read, for lack of descriptors for example. */
  readonly ownInodes: () => ReadonlySet<string> | undefined;
  /** Returns a statistic of an interface. */
  readonly statistic: (interfaceName: string) => string;
}

/** Reads the queues of this program. It remembers the drops of sockets, so that closing one does not lessen the sum. */
export class DatagramQueues {
  readonly #interfaceName: string | undefined;
  readonly #files: QueueFiles;
  #dropsOf: ReadonlyMap<string, number> = new Map();
  #drops = 0;
  #last: QueueReport = { receiveOctets: 0, sendOctets: 0, socketDrops: 0, interfaceDrops: 0 };

  constructor(interfaceName: string | undefined, files: QueueFiles = hostFiles) {
    this.#interfaceName = interfaceName;
    this.#files = files;
  }

  /** Never throws: what cannot be read is as it was. */
  read(): QueueReport {
    const own = this.#files.ownInodes();
    if (own === undefined) return this.#last;
    const dropsOf = new Map<string, number>();
    let receiveOctets = 0;
    let sendOctets = 0;
    for (const line of this.#files.sockets().split('\n').slice(1)) {
      const fields = line.trim().split(/\s+/);
      const inode = fields[9];
      if (inode === undefined || !own.has(inode)) continue;
      const [sending = '0', receiving = '0'] = fields[4]!.split(':');
      receiveOctets += Number.parseInt(receiving, 16);
      sendOctets += Number.parseInt(sending, 16);
      const drops = Number(fields[12]);
      dropsOf.set(inode, drops);
      this.#drops += Math.max(0, drops - (this.#dropsOf.get(inode) ?? 0));
    }
    this.#dropsOf = dropsOf;
    this.#last = { receiveOctets, sendOctets, socketDrops: this.#drops, interfaceDrops: this.#interfaceDrops() };
    return this.#last;
  }

  #interfaceDrops(): number {
    return this.#interfaceName === undefined ? 0 : Number(this.#files.statistic(this.#interfaceName));
  }
}

const descriptors = '/proc/self/fd';

const hostFiles: QueueFiles = {
  sockets: () => readText('/proc/self/net/udp'),
  ownInodes,
  statistic: (interfaceName) => readText(`/sys/class/net/${interfaceName}/statistics/tx_dropped`),
};

function ownInodes(): ReadonlySet<string> | undefined {
  try {
    return new Set(readdirSync(descriptors).flatMap(inodeOf));
  } catch {
    return undefined;
  }
}

function inodeOf(descriptor: string): readonly string[] {
  try {
    return /^socket:\[(\d+)\]$/.exec(readlinkSync(`${descriptors}/${descriptor}`))?.slice(1) ?? [];
  } catch {
    // Closed meanwhile.
    return [];
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // There is no interface at present.
    return '';
  }
}
