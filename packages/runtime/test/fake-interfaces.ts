import { NavalisError } from '@navalis/engine';
import type { IpCommand } from '../src/host/commands/ip-command.ts';
import type { InterfaceAccess } from '../src/tunnel/interface-access.ts';
import type { InterfaceState } from '../src/tunnel/interface-state.ts';
import type { RoutingRule } from '../src/tunnel/routing-rules.ts';

interface Link {
  isUp: boolean;
  mtu: number;
  isIpv6Disabled: boolean;
  addresses: string[];
  routes: { destination: string; source?: string; table?: number; metric: number }[];
}

/** Interfaces as a kernel has them, as far as `ip -6` commands and the switch for IPv6 change them. */
export class FakeInterfaces implements InterfaceAccess {
  readonly links: Map<string, Link> = new Map();
  /** For all interfaces. */
  isIpv6Disabled = false;
  /** Whether /proc/sys may be written. */
  isSwitchWritable = true;
  isReadable = true;
  /** The rules of clients; other rules are not seen. */
  rules: RoutingRule[] = [];
  reads = 0;

  read = async (name: string, withRules = false): Promise<InterfaceState | undefined> => {
    this.reads += 1;
    if (!this.isReadable) throw new NavalisError('command-failed', 'The command ip cannot read it.');
    const link = this.links.get(name);
    if (link === undefined) return undefined;
    const routes = link.routes.filter(({ table }) => withRules || table === undefined);
    const rules = withRules ? this.rules : [];
    return structuredClone({ ...link, routes, rules, isIpv6DisabledEverywhere: this.isIpv6Disabled });
  };

  readRules = async (): Promise<readonly RoutingRule[]> => structuredClone(this.rules);

  sign = (name: string): string => {
    const link = this.links.get(name);
    return link === undefined ? '' : JSON.stringify({ ...link, routes: [] });
  };

  enableIpv6 = (name: string): void => {
    if (!this.isSwitchWritable) throw Object.assign(new Error('read-only'), { code: 'EROFS' });
    this.links.get(name)!.isIpv6Disabled = false;
  };

  /** @throws NavalisError as the runner does. */
  run(commands: readonly IpCommand[]): void {
    for (const command of commands) this.#runOne(command);
  }

  disableIpv6(name: string): void {
    const link = this.links.get(name)!;
    Object.assign(link, { isIpv6Disabled: true, addresses: [], routes: [] });
  }

  /** The link of this name, as tests change it. */
  link(name: string): Link {
    return this.links.get(name)!;
  }

  #runOne(command: IpCommand): void {
    const [object, verb] = command;
    if (object === 'rule') {
      this.#changeRules(command);
      return;
    }
    const name = command[command.indexOf('dev') + 1]!;
    let link = this.links.get(name);
    if (link === undefined) {
      link = { isUp: false, mtu: 1500, isIpv6Disabled: false, addresses: [], routes: [] };
      this.links.set(name, link);
    }
    if (object === 'link') this.#changeLink(link, command);
    else if (verb === 'flush') link.addresses = [];
    else if (!link.isUp || link.isIpv6Disabled) throw new NavalisError('command-failed', 'Permission denied.');
    else if (object === 'address') this.#addAddress(link, command[2]!);
    else if (verb === 'del') this.#removeRoute(link, routeOf(command));
    else this.#addRoute(link, routeOf(command));
  }

  #changeRules([, verb, , source = '', , table]: IpCommand): void {
    const rule = { source, table: Number(table) };
    const isSame = (each: RoutingRule) => each.source === rule.source && each.table === rule.table;
    if (this.rules.some(isSame) !== (verb === 'del')) throw new NavalisError('command-failed', 'No such rule, or one.');
    this.rules = verb === 'add' ? [...this.rules, rule] : this.rules.filter((each) => !isSame(each));
  }

  #changeLink(link: Link, command: IpCommand): void {
    if (command.includes('mtu')) link.mtu = Number(command[command.indexOf('mtu') + 1]);
    if (command.includes('up')) link.isUp = true;
    if (command.includes('down')) Object.assign(link, { isUp: false, addresses: [], routes: [] });
  }

  #addAddress(link: Link, text: string): void {
    const [address = '', length] = text.split('/');
    link.addresses.push(address);
    if (length === '32') this.#addRoute(link, { destination: '2001::/32', metric: 256 });
  }

  #addRoute(link: Link, route: Link['routes'][number]): void {
    link.routes.push(route);
    const key = ({ destination, source, table }: typeof route) => `${destination} ${source} ${table}`;
    link.routes.sort((left, right) => key(left).localeCompare(key(right)));
  }

  #removeRoute(link: Link, route: Link['routes'][number]): void {
    const fields = (each: typeof route) => [each.destination, each.source, each.table, each.metric].join();
    link.routes = link.routes.filter((each) => fields(each) !== fields(route));
  }
}

function routeOf(command: IpCommand): Link['routes'][number] {
  const after = (word: string) => (command.includes(word) ? command[command.indexOf(word) + 1] : undefined);
  const source = after('from');
  const table = after('table');
  return {
    destination: command[2]!,
    ...(source !== undefined && { source }),
    ...(table !== undefined && { table: Number(table) }),
    metric: Number(after('metric') ?? 1024),
  };
}
