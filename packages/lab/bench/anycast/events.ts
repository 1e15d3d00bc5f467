import { setTimeout as delay } from 'node:timers/promises';
import type { AnycastRelay } from '../../src/anycast/anycast-scene.ts';
import type { TrafficFigures } from '../../src/load/figures.ts';
import { EchoStream } from '../../src/traffic/echo-stream.ts';
import type { Tell } from '../load/measure.ts';
import { times } from '../load/times.ts';
import type { AnycastFlags } from './flags.ts';
import type { Finding } from './report.ts';
import type { AnycastStage } from './stage.ts';

/** The time within which all flows must be back, and a relay that cannot forward must withdraw. */
const backWithinMs = 1_000;
const withdrawnWithinMs = 5_000;

/** The time beyond the three intervals of BFD: for the withdrawal of the route, and a look at it. */
const routingMs = 300;

/** A relay that failed soon after another failure is announced after 60 s at the latest. */
const announcedWithinMs = 90_000;
const patienceMs = 20_000;

/** The rate of requests is lower by so much where losses count. */
const calmness = 6;

/** How long flows are watched after a fault, and until requests that were lost are known as such. */
const watchedMs = 5_000;
const judgedMs = 3_000;

/** The events of a run, one after the other: each ends when the router uses both relays again. */
export class AnycastEvents {
  readonly findings: Finding[] = [];
  readonly #stage: AnycastStage;
  readonly #flags: AnycastFlags;
  readonly #tell: Tell;
  readonly #print: Tell;

  /** `tell` takes progress, `print` what birdc shows. */
  constructor(
    stage: AnycastStage,
    flags: AnycastFlags,
    { tell, print }: { readonly tell: Tell; readonly print: Tell },
  ) {
    this.#stage = stage;
    this.#flags = flags;
    this.#tell = tell;
    this.#print = print;
  }

  async run(): Promise<void> {
    const { scene } = this.#stage;
    const [one, other] = scene.relays as readonly [AnycastRelay, AnycastRelay];
    await this.#show('before');
    const known = await Promise.all(scene.relays.map(async ({ relay }) => (await relay.status()).peers));
    this.#record('before', 'both relays have clients', `${known.join(' and ')} clients`, Math.min(...known) > 0);

    await this.#checkMachine();

    await this.#failOver('kill -9', other, async () => void (await one.relay.program.kill()));
    one.start();
    await this.#settle();

    const bfdMs = await this.#failOver('cable cut', one, () => scene.cut(other));
    const mostMs = 3 * this.#flags.bfdMilliseconds + routingMs;
    this.#record('cable cut', `BFD sees it within ${mostMs} ms`, milliseconds(bfdMs), bfdMs <= mostMs);
    scene.mend(other);
    await this.#settle();

    // No promise depends on how soon requests follow each other from here: fewer of them show losses that are not the machine's.
    this.#setRate(this.#flags.rate / calmness);
    await this.#drain(one, other);
    one.start();
    await this.#settle();

    await this.#upgrade();
    await this.#settle();

    await this.#disable('forwarding off', one, other, [
      () => one.host.setting('net/ipv6/conf/all/forwarding', '0'),
      () => one.host.setting('net/ipv6/conf/all/forwarding', '1'),
    ]);
    const route = defaultRoute(other);
    await this.#disable('route removed', other, one, [
      () => other.host.ip(`route del ${route}`),
      () => other.host.ip(`route add ${route}`),
    ]);
    await this.#show('after');
    await this.#checkAddresses();
  }

  /** Judges the machine: where requests are lost or late without a fault, what follows says nothing about the relays. */
  async #checkMachine(): Promise<void> {
    const { clients, hosts } = this.#stage;
    const counts = await Promise.all([clients.measure(watchedMs), hosts.measure(watchedMs)]);
    const [lost, unsent] = [
      counts.reduce((sum, each) => sum + each.lost, 0),
      counts.reduce((sum, each) => sum + each.unsent, 0),
    ];
    const [roundTrips, back] = counts.map(({ rttMs }) => times(rttMs));
    const seen = `${lost} lost, ${unsent} not sent; clients: ${roundTrips}; hosts: ${back}`;
    const isKept = lost === 0 && unsent === 0;
    this.#record('before', 'the machine is quiet enough: nothing is lost', seen, isKept);
  }

  /** One relay fails; the other must carry all flows. Returns the time until the router used the other alone. */
  async #failOver(event: string, survivor: AnycastRelay, fault: () => void | Promise<void>): Promise<number> {
    const { scene, clients, hosts } = this.#stage;
    this.#tell(`${event}: watching`);
    const from = performance.now();
    await fault();
    await scene.routed([survivor], patienceMs);
    const detectedMs = performance.now() - from;
    for (const traffic of [clients, hosts]) traffic.order({ kind: 'reset' });
    await this.#show(`during: ${event}`);
    await delay(watchedMs);
    const [outbound, inbound] = await Promise.all([clients.next(), hosts.next()]);
    this.#record(event, 'the router uses the other relay', `after ${milliseconds(detectedMs)}`, true);
    this.#recordReturns(`${event}, clients ask`, outbound);
    this.#recordReturns(`${event}, hosts ask`, inbound);
    this.#record(event, 'no client loses its address', `${outbound.restarts} lost`, outbound.restarts === 0);
    return detectedMs;
  }

  #recordReturns(event: string, { open, contacts, returns }: TrafficFigures): void {
    const { silent, late, longestMs } = returns;
    const seen = `last after ${milliseconds(longestMs)}; ${late} of ${open} later than 1 s, ${silent} never`;
    const isKept = longestMs <= backWithinMs && late === 0 && silent === 0 && open === contacts;
    this.#record(event, 'all flows answered within 1 s', seen, isKept);
  }

  /** One relay drains; nothing may be lost beyond the losses of as much time before. */
  async #drain(relay: AnycastRelay, other: AnycastRelay): Promise<void> {
    const { scene, clients, hosts } = this.#stage;
    const windowMs = 1_000 * this.#flags.drainSeconds + judgedMs;
    this.#tell('drain: counting losses before');
    const lostIn = async (figures: Promise<readonly TrafficFigures[]>) =>
      (await figures).reduce((sum, each) => sum + each.lost, 0);
    const before = await lostIn(Promise.all([clients.measure(windowMs), hosts.measure(windowMs)]));
    this.#tell('drain: watching');
    const counting = Promise.all([clients.measure(windowMs), hosts.measure(windowMs)]);
    relay.relay.program.signal('SIGTERM');
    const withdrawnMs = await scene.routed([other], patienceMs);
    await this.#show('during: drain');
    const lost = await lostIn(counting);
    const sent = (await counting).reduce((sum, each) => sum + each.sent, 0);
    const ending = await relay.relay.program.ended;
    this.#record('drain', 'the relay withdraws at once', milliseconds(withdrawnMs), withdrawnMs <= backWithinMs);
    this.#record(
      'drain',
      'no request lost beyond those before',
      `${lost} of ${sent} lost, ${before} before`,
      lost <= before,
    );
    this.#record(
      'drain',
      'the relay ends with status 0',
      `status ${ending.status ?? ending.signal}`,
      ending.status === 0,
    );
  }

  /** Both relays are replaced one after the other, under a TCP connection of a real client. */
  async #upgrade(): Promise<void> {
    const { laboratory, scene, clients, home, web } = this.#stage;
    this.#tell('upgrade: opening a TCP connection');
    const stream = await EchoStream.start(laboratory, home, web);
    clients.order({ kind: 'reset' });
    for (const relay of scene.relays) {
      this.#tell(`upgrade: ${relay.host.label}`);
      relay.relay.program.signal('SIGTERM');
      await relay.relay.program.ended;
      await this.#show(`during: upgrade of ${relay.host.label}`);
      relay.start();
      await scene.routed(scene.relays, announcedWithinMs);
      await delay(judgedMs);
    }
    const { lost, sent, restarts } = await clients.next();
    const { octets, longestStallMs } = await stream.finish();
    const seen = `${octets} octets equal, longest stall ${milliseconds(longestStallMs)}`;
    this.#record('upgrade', 'the TCP connection survives', seen, true);
    this.#record(
      'upgrade',
      'no client loses its address',
      `${restarts} lost; ${lost} of ${sent} requests lost`,
      restarts === 0,
    );
  }

  /** A relay that runs and cannot forward must withdraw. */
  async #disable(
    event: string,
    relay: AnycastRelay,
    other: AnycastRelay,
    [disable, enable]: readonly [() => void, () => void],
  ): Promise<void> {
    const { scene } = this.#stage;
    this.#tell(event);
    disable();
    const ms = await scene.routed([other], patienceMs);
    await this.#show(`during: ${event}`);
    const { announcement } = await relay.relay.status();
    this.#record(event, 'the relay withdraws within 5 s', milliseconds(ms), ms <= withdrawnWithinMs);
    this.#record(event, 'its status says why', announcement?.reason ?? 'nothing', announcement?.reason === 'degraded');
    enable();
    await this.#settle();
  }

  #setRate(perSecond: number): void {
    const { clients, hosts } = this.#stage;
    for (const traffic of [clients, hosts]) traffic.order({ kind: 'rate', perSecond });
  }

  async #checkAddresses(): Promise<void> {
    const { qualified, clients } = await this.#stage.clients.next();
    this.#record('after', 'all clients have an address', `${qualified} of ${clients}`, qualified === clients);
  }

  /** Waits until the router uses both relays, and flows that moved back are answered. */
  async #settle(): Promise<void> {
    const { scene, clients, hosts } = this.#stage;
    this.#tell('waiting until the router uses both relays');
    await scene.routed(scene.relays, announcedWithinMs);
    for (const traffic of [clients, hosts]) {
      traffic.order({ kind: 'reset' });
      await traffic.until(
        'answers of all flows',
        ({ returns, countedSeconds }) => returns.silent === 0 && countedSeconds > 2,
        patienceMs,
      );
    }
  }

  #record(event: string, promise: string, seen: string, isKept: boolean): void {
    this.#tell(`${event}: ${promise}: ${seen}${isKept ? '' : ' - BROKEN'}`);
    this.findings.push({ event, promise, seen, isKept });
  }

  /** Prints what birdc shows on the router. */
  async #show(when: string): Promise<void> {
    const commands = [
      ['show', 'protocols'],
      ['show', 'route'],
      ['show', 'bfd', 'sessions'],
    ] as const;
    const outputs = await Promise.all(commands.map((words) => this.#stage.scene.router.ask(...words)));
    const texts = commands.map((words, index) => `birdc ${words.join(' ')}\n${withoutBanner(outputs[index]!)}`);
    this.#print(`--- ${when}\n${texts.join('\n')}`);
  }
}

/** Returns the default route of a relay's host as `ip route` takes it. */
function defaultRoute({ host }: AnycastRelay): string {
  const [route] = host.ipJson('-6', 'route', 'show', 'default') as readonly {
    readonly gateway: string;
    readonly dev: string;
  }[];
  return `::/0 via ${route!.gateway} dev ${route!.dev}`;
}

function withoutBanner(text: string): string {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^BIRD .* ready\.$|^Access restricted$/.test(line))
    .map((line) => `  ${line}`)
    .join('\n');
}

const milliseconds = (ms: number) => `${Math.round(ms)} ms`;
