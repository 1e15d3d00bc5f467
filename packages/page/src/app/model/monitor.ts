import type { Explanations, LogLine, LogLines, Peers, Status } from '../../facts.ts';
import { RateHistory, type Sample } from './rates.ts';

/** All that the page knows. */
export interface Snapshot {
  readonly contact: 'asking' | 'live' | 'gone' | 'token-needed' | 'token-refused';
  /** The time of the last answer, in milliseconds since 1970. */
  readonly answeredAt: number | undefined;
  readonly status: Status | undefined;
  readonly explanations: Explanations | undefined;
  readonly lines: readonly LogLine[];
  /** Undefined: the program has no list of peers. */
  readonly peers: Peers | undefined;
  readonly samples: readonly Sample[];
}

/** The part of the list of peers that is shown. */
export interface PeersView {
  readonly sort: string;
  readonly after: string | undefined;
}

/** Our choices. */
const periodMs = 2_000;
const longestWaitMs = 30_000;
const answerWithinMs = 5_000;
const linesKept = 256;
const peersShown = 20;
const tokenKey = 'navalis-token';

class TokenNeeded extends Error {
  readonly contact: 'token-needed' | 'token-refused';

  constructor(hadToken: boolean) {
    super();
    this.contact = hadToken ? 'token-refused' : 'token-needed';
  }
}

/**
 * Asks the program every 2 s while the page is visible, less often while it does not answer, and tells its listeners. All it keeps is
 * bounded, whatever the number of peers.
 */
export class Monitor {
  #snapshot: Snapshot = {
    contact: 'asking',
    answeredAt: undefined,
    status: undefined,
    explanations: undefined,
    lines: [],
    peers: undefined,
    samples: [],
  };
  #view: PeersView = { sort: 'heard', after: undefined };
  #listener: (snapshot: Snapshot) => void = () => undefined;
  #rates = new RateHistory();
  #last = 0;
  #waitMs = periodMs;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isAsking = false;
  #isAskedAgain = false;

  start(listener: (snapshot: Snapshot) => void): void {
    this.#listener = listener;
    takeTokenFromAddress();
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'visible') this.askNow();
      else clearTimeout(this.#timer);
    });
    this.askNow();
  }

  /** Asks at once, for example for another part of the peers. */
  askNow(): void {
    clearTimeout(this.#timer);
    if (this.#isAsking) this.#isAskedAgain = true;
    else void this.#ask();
  }

  show(view: PeersView): void {
    this.#view = view;
    this.askNow();
  }

  useToken(token: string): void {
    sessionStorage.setItem(tokenKey, token);
    this.askNow();
  }

  async #ask(): Promise<void> {
    this.#isAsking = true;
    try {
      await this.#read();
      this.#waitMs = periodMs;
    } catch (error) {
      const contact = error instanceof TokenNeeded ? error.contact : 'gone';
      this.#waitMs = Math.min(longestWaitMs, this.#waitMs * 2);
      this.#tell({ contact });
    }
    this.#isAsking = false;
    const isAskedAgain = this.#isAskedAgain;
    this.#isAskedAgain = false;
    if (isAskedAgain) this.askNow();
    else if (document.visibilityState === 'visible') this.#timer = setTimeout(() => void this.#ask(), this.#waitMs);
  }

  async #read(): Promise<void> {
    const status = await ask<Status>('/status');
    if (status === undefined) throw new Error('no status');
    const answeredAt = Date.now();
    this.#rates.add(status.counters, answeredAt);
    const explanations = this.#snapshot.explanations ?? (await ask<Explanations>('/explanations'));
    const news = await ask<LogLines>(`/events?after=${this.#last}`);
    const { sort, after } = this.#view;
    const cursor = after === undefined ? '' : `&after=${encodeURIComponent(after)}`;
    const peers = await ask<Peers>(`/peers?limit=${peersShown}&sort=${sort}${cursor}`);
    this.#tell({
      contact: 'live',
      answeredAt,
      status,
      explanations,
      lines: this.#newLines(news),
      peers,
      samples: this.#rates.samples,
    });
  }

  #newLines(news: LogLines | undefined): readonly LogLine[] {
    const { lines } = this.#snapshot;
    if (news === undefined) return lines;
    // A program that started again counts its lines from one.
    const isAnotherRun = news.last < this.#last;
    this.#last = news.last;
    if (isAnotherRun) return news.events;
    return news.events.length === 0 ? lines : [...lines, ...news.events].slice(-linesKept);
  }

  #tell(change: Partial<Snapshot>): void {
    this.#snapshot = { ...this.#snapshot, ...change };
    this.#listener(this.#snapshot);
  }
}

/** Moves a token in the fragment of the address, which no server sees, to where a reload finds it. */
function takeTokenFromAddress(): void {
  const [, token] = /^#token=(.+)$/.exec(location.hash) ?? [];
  if (token === undefined) return;
  sessionStorage.setItem(tokenKey, decodeURIComponent(token));
  history.replaceState(null, '', location.pathname);
}

/** Returns undefined for a path that the program does not have, or a cursor that it no longer knows. */
async function ask<Answer>(path: string): Promise<Answer | undefined> {
  const token = sessionStorage.getItem(tokenKey);
  const headers: HeadersInit = token === null ? {} : { Authorization: `Bearer ${token}` };
  const response = await fetch(path, { headers, cache: 'no-store', signal: AbortSignal.timeout(answerWithinMs) });
  if (response.status === 401) throw new TokenNeeded(token !== null);
  if (response.status === 404 || response.status === 400) return undefined;
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return (await response.json()) as Answer;
}
