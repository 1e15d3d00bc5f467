import { describe, expect, it } from 'vitest';
import { TurnChoice } from '../src/turn-choice.ts';

/** A choice that has come to a TURN server at the time 0. */
function relayed(): TurnChoice {
  const choice = new TurnChoice('fallback');
  choice.offline('symmetric', 0);
  return choice;
}

describe('whether a client uses a TURN server', () => {
  it('[TU-17] always means always', () => {
    const choice = new TurnChoice('always');
    choice.networkChanged();
    choice.checked(true, 0);
    choice.turnFailed(0);
    expect(choice.isRelayed).toBe(true);
    expect(choice.nextDeadline()).toBe(Number.POSITIVE_INFINITY);
  });

  it.each([
    ['symmetric', 1],
    ['mapped-not-global', 1],
    ['server-silent', 2],
    ['secondary-silent', 2],
  ] as const)('[TU-17] a client that is off-line for %s uses it after attempt %i', (reason, attempts) => {
    const choice = new TurnChoice('fallback');
    const seen = Array.from({ length: attempts }, () => {
      const before = choice.isRelayed;
      choice.offline(reason, 0);
      return before;
    });
    expect(seen).toEqual(new Array(attempts).fill(false));
    expect(choice.isRelayed).toBe(true);
  });

  it.each(['no-route', 'no-authenticated-answer', 'turn-unavailable'] as const)(
    '[TU-17] it does not help against %s',
    (reason) => {
      const choice = new TurnChoice('fallback');
      for (let attempt = 0; attempt < 10; attempt++) choice.offline(reason, attempt);
      choice.offline('server-silent', 10);
      expect(choice.isRelayed).toBe(false);
    },
  );

  it('[TU-17] silence counts in a row, and a symmetric NAT also when there is an address', () => {
    const choice = new TurnChoice('fallback');
    choice.offline('server-silent', 0);
    choice.online(false, 1);
    choice.offline('server-silent', 2);
    expect(choice.isRelayed).toBe(false);
    choice.online(true, 3);
    expect(choice.isRelayed).toBe(true);
  });

  it('[TU-17] another network is tried directly', () => {
    const choice = relayed();
    choice.networkChanged();
    expect(choice.isRelayed).toBe(false);
    expect(choice.nextDeadline()).toBe(Number.POSITIVE_INFINITY);
  });

  it('[TU-17] the direct way is checked after 5 min, then after 10, 20 and 40 min, then each hour', () => {
    const choice = relayed();
    const times: number[] = [];
    for (let check = 0; check < 6; check++) {
      times.push(choice.nextDeadline());
      choice.checked(false, choice.nextDeadline());
    }
    const minutes = times.map((time, index) => (time - (times[index - 1] ?? 0)) / 60_000);
    expect(minutes).toEqual([5, 10, 20, 40, 60, 60]);
    choice.checked(true, choice.nextDeadline());
    expect(choice.isRelayed).toBe(false);
    expect(choice.nextDeadline()).toBe(Number.POSITIVE_INFINITY);
  });

  it('[TU-17] an address without a TURN server is taken when all servers fail, and they are tried again after 1, 2, 4 min and so on', () => {
    const choice = new TurnChoice('fallback');
    let now = 0;
    const pauses: number[] = [];
    choice.online(true, now);
    for (let failure = 0; failure < 8; failure++) {
      expect(choice.isRelayed).toBe(true);
      choice.turnFailed(now);
      expect(choice.isRelayed).toBe(false);
      choice.online(true, now + 1);
      expect(choice.isRelayed).toBe(false);
      pauses.push((choice.nextDeadline() - now) / 60_000);
      now = choice.nextDeadline();
      choice.handleDeadline(now);
    }
    expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
    choice.turnSucceeded();
    choice.turnFailed(now);
    choice.online(true, now);
    expect(choice.nextDeadline() - now).toBe(60_000);
  });

  it('[TU-17] without any address a TURN server that fails is waited for a minute, and tried again each 5 min at least', () => {
    const choice = new TurnChoice('fallback');
    const pauses: number[] = [];
    let now = 0;
    for (let failure = 0; failure < 4; failure++) {
      choice.offline('symmetric', now);
      choice.turnFailed(now);
      choice.turnFailed(now + 59_999);
      expect(choice.isRelayed).toBe(true);
      choice.turnFailed(now + 60_000);
      expect(choice.isRelayed).toBe(false);
      now += 60_000;
      choice.offline('symmetric', now);
      pauses.push(choice.nextDeadline() - now);
      now = choice.nextDeadline();
      choice.handleDeadline(now);
      expect(choice.isRelayed).toBe(true);
    }
    expect(pauses).toEqual([60_000, 120_000, 240_000, 300_000]);
  });

  it('[TU-17] the servers are not tried again while the NAT lets peers through, and at once in another network', () => {
    const choice = new TurnChoice('fallback');
    choice.online(true, 0);
    choice.turnFailed(1);
    choice.online(false, 2);
    expect(choice.nextDeadline()).toBe(Number.POSITIVE_INFINITY);
    choice.networkChanged();
    choice.online(true, 3);
    expect(choice.isRelayed).toBe(true);
  });

  it.each(['direct', 'relayed'] as const)(
    '[TU-17] knows whether the last run without a TURN server had an address: %s',
    (use) => {
      const choice = new TurnChoice('fallback');
      expect(choice.hadAddress).toBe(false);
      choice.online(use === 'relayed', 0);
      expect([choice.isRelayed, choice.hadAddress]).toEqual([use === 'relayed', true]);
      if (use === 'direct') choice.offline('server-silent', 1);
      else choice.networkChanged();
      expect(choice.hadAddress).toBe(false);
    },
  );

  it('[TU-17] what happens without a TURN server counts for nothing while one is used', () => {
    const choice = new TurnChoice('fallback');
    choice.online(true, 0);
    choice.offline('server-silent', 1);
    expect(choice.hadAddress).toBe(true);
    choice.checked(true, 2);
    choice.offline('server-silent', 3);
    expect(choice.isRelayed).toBe(false);
    const other = relayed();
    other.online(false, 1);
    expect(other.hadAddress).toBe(false);
  });

  it('[TU-17] tells how long it does without TURN servers, and only when their failure is the reason', () => {
    const choice = new TurnChoice('fallback');
    expect(choice.pauseMs(0)).toBeUndefined();
    choice.online(true, 0);
    expect(choice.pauseMs(0)).toBeUndefined();
    choice.turnFailed(1_000);
    expect(choice.pauseMs(11_000)).toBe(50_000);
    choice.online(true, 12_000);
    expect(choice.pauseMs(12_000)).toBe(49_000);
    choice.handleDeadline(61_000);
    expect([choice.isRelayed, choice.pauseMs(61_000)]).toEqual([true, undefined]);
    choice.turnFailed(62_000);
    expect(choice.pauseMs(62_000)).toBe(120_000);
    choice.networkChanged();
    expect(choice.pauseMs(62_000)).toBeUndefined();
  });

  it('[TU-17] a check that succeeds is no failure of TURN servers', () => {
    const choice = relayed();
    choice.checked(true, 300_000);
    expect(choice.pauseMs(300_000)).toBeUndefined();
    choice.offline('symmetric', 300_001);
    expect(choice.isRelayed).toBe(true);
  });

  it('[TU-17] a failure is counted from the last allocation on', () => {
    const choice = relayed();
    choice.turnFailed(0);
    choice.turnSucceeded();
    choice.turnFailed(70_000);
    choice.turnFailed(129_999);
    expect(choice.isRelayed).toBe(true);
    choice.turnFailed(130_000);
    expect(choice.isRelayed).toBe(false);
  });

  it('[TU-17] a failure that comes late, when no TURN server is used, pauses nothing', () => {
    const choice = new TurnChoice('fallback');
    choice.online(false, 0);
    choice.turnFailed(1);
    expect(choice.pauseMs(1)).toBeUndefined();
    choice.online(true, 2);
    expect(choice.isRelayed).toBe(true);
  });

  it('[TU-17] checks and pauses begin with 5 min and 1 min again in another network', () => {
    const choice = relayed();
    choice.checked(false, 300_000);
    choice.networkChanged();
    choice.online(true, 1_000_000);
    expect(choice.nextDeadline()).toBe(1_300_000);
    choice.turnFailed(1_000_000);
    choice.networkChanged();
    choice.online(true, 2_000_000);
    choice.turnFailed(2_000_000);
    expect(choice.pauseMs(2_000_000)).toBe(60_000);
  });

  it('[TU-17] the pauses of a client without an address in another network are those without one', () => {
    const choice = new TurnChoice('fallback');
    choice.online(true, 0);
    choice.networkChanged();
    choice.offline('symmetric', 1);
    choice.turnFailed(1);
    choice.turnFailed(60_000);
    expect(choice.isRelayed).toBe(true);
    choice.turnFailed(60_001);
    expect(choice.isRelayed).toBe(false);
  });

  it('[TU-17] silence in an earlier network or run counts no more', () => {
    const choice = new TurnChoice('fallback');
    choice.offline('server-silent', 0);
    choice.networkChanged();
    choice.offline('server-silent', 1);
    expect(choice.isRelayed).toBe(false);
    choice.offline('server-silent', 2);
    expect(choice.isRelayed).toBe(true);
    choice.checked(true, 3);
    choice.offline('server-silent', 4);
    expect(choice.isRelayed).toBe(false);
  });

  it('[TU-17] a TURN server that was wanted after the pause is not wanted once an address lets peers through', () => {
    const choice = new TurnChoice('fallback');
    choice.online(true, 0);
    choice.turnFailed(0);
    choice.online(true, 1);
    expect(choice.nextDeadline()).toBe(60_000);
    choice.online(false, 2);
    choice.handleDeadline(60_000);
    expect([choice.isRelayed, choice.nextDeadline()]).toEqual([false, Number.POSITIVE_INFINITY]);
  });

  it('[TU-17] a TURN server that was wanted after the pause is not wanted in another network', () => {
    const choice = new TurnChoice('fallback');
    choice.online(true, 0);
    choice.turnFailed(0);
    choice.online(true, 1);
    choice.networkChanged();
    choice.handleDeadline(60_000);
    expect([choice.isRelayed, choice.nextDeadline()]).toEqual([false, Number.POSITIVE_INFINITY]);
  });

  it('[TU-17] a deadline changes nothing where no TURN server is wanted', () => {
    const choice = new TurnChoice('fallback');
    choice.handleDeadline(0);
    expect(choice.isRelayed).toBe(false);
    const used = relayed();
    used.handleDeadline(200_000);
    expect(used.nextDeadline()).toBe(300_000);
  });
});
