import type { EngineEvent } from '@navalis/engine';
import { describe, expect, it } from 'vitest';
import { NativeReachability } from '../src/native-hosts/native-reachability.ts';
import { ipv6 } from './packets.ts';

const one = ipv6('2a00:1450::1');
const other = ipv6('2a00:1450::2');
const fails: EngineEvent = { kind: 'native-hosts-fail', failedTests: 3 };
const answers: EngineEvent = { kind: 'native-hosts-answer' };

function reachability() {
  const events: EngineEvent[] = [];
  const native = new NativeReachability();
  native.report = (event) => void events.push(event);
  return { native, events };
}

describe('[CL-I-16] reachability of native hosts', () => {
  it('is not known before a test ended', () => {
    const { native, events } = reachability();
    expect(native.status).toBe(undefined);
    native.failed(one, 1000);
    native.failed(one, 2000);
    expect(native.status).toBe(undefined);
    expect(events).toEqual([]);
  });

  it('fails after three tests in a row without any success, since the first of them', () => {
    const { native, events } = reachability();
    for (const at of [1000, 2000, 3000, 4000, 5000]) native.failed(one, at);
    expect(native.status).toEqual({ state: 'failing', since: 1000 });
    expect(events).toEqual([fails]);
  });

  it('works when a native host is heard', () => {
    const { native, events } = reachability();
    native.heard(500);
    native.heard(900);
    expect(native.status).toEqual({ state: 'working', since: 500 });
    expect(events).toEqual([]);
  });

  it('takes one dead host for no more than that once another was heard', () => {
    const { native, events } = reachability();
    native.heard(500);
    for (const at of [1000, 2000, 3000, 4000]) native.failed(one, at);
    expect(native.status).toEqual({ state: 'working', since: 500 });
    native.failed(other, 5000);
    expect(native.status).toEqual({ state: 'failing', since: 1000 });
    expect(events).toEqual([{ kind: 'native-hosts-fail', failedTests: 5 }]);
  });

  it('takes two tests for no more than chance, of whatever hosts', () => {
    const { native, events } = reachability();
    native.heard(500);
    native.failed(one, 1000);
    native.failed(other, 2000);
    expect(native.status).toEqual({ state: 'working', since: 500 });
    native.failed(other, 3000);
    expect(native.status).toEqual({ state: 'failing', since: 1000 });
    expect(events).toEqual([fails]);
  });

  it('counts only failures since a native host was last heard', () => {
    const { native, events } = reachability();
    native.heard(500);
    native.failed(one, 1000);
    native.failed(other, 2000);
    native.heard(2500);
    for (const at of [3000, 4000, 5000, 6000]) native.failed(one, at);
    expect(native.status).toEqual({ state: 'working', since: 500 });
    native.failed(other, 7000);
    expect(native.status).toEqual({ state: 'failing', since: 3000 });
    expect(events).toEqual([{ kind: 'native-hosts-fail', failedTests: 5 }]);
  });

  it('reports once that they answer again, and then another failure', () => {
    const { native, events } = reachability();
    for (const at of [1000, 2000, 3000]) native.failed(one, at);
    native.heard(9000);
    native.heard(9100);
    expect(native.status).toEqual({ state: 'working', since: 9000 });
    expect(events).toEqual([fails, answers]);
    native.failed(one, 10_000);
    native.failed(other, 11_000);
    native.failed(one, 12_000);
    expect(native.status).toEqual({ state: 'failing', since: 10_000 });
    expect(events).toEqual([fails, answers, fails]);
  });

  it('is forgotten with the address', () => {
    const { native, events } = reachability();
    for (const at of [1000, 2000]) native.failed(one, at);
    native.clear();
    native.failed(one, 3000);
    expect(native.status).toBe(undefined);
    for (const at of [4000, 5000]) native.failed(one, at);
    expect(native.status).toEqual({ state: 'failing', since: 3000 });
    native.clear();
    expect(native.status).toBe(undefined);
    native.heard(6000);
    expect(events).toEqual([fails]);
  });
});
