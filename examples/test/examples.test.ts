import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';

const examples = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'navalis-examples-'));
const capture = join(folder, 'two-clients.pcap');
const damaged = join(folder, 'damaged.pcap');
const unusable = 'no: the port is 0, or an address that it embeds is not global unicast';

afterAll(() => rmSync(folder, { recursive: true }));

/** Runs a built example, which must end with `status`, and returns what it printed. */
function run(name: string, argument = '', status = 0): { lines: string[]; errors: string } {
  const result = spawnSync(process.execPath, [`dist/${name}.js`, ...(argument === '' ? [] : [argument])], {
    cwd: examples,
    encoding: 'utf8',
  });
  expect(result.status, result.stderr).toBe(status);
  return { lines: result.stdout.trimEnd().split('\n'), errors: result.stderr };
}

describe('the examples', () => {
  it('are all named in the README', () => {
    const readme = readFileSync(join(examples, 'README.md'), 'utf8');
    for (const file of readdirSync(join(examples, 'src'))) {
      if (file !== 'pcap.ts') expect(readme).toContain(`(src/${file})`);
    }
  });

  it('two-clients: both get an address, reach each other and keep it', () => {
    const { lines } = run('two-clients');
    expect(lines).toEqual([
      expect.stringMatching(/^alice is 2001:0:801:1:[0-9a-f:]+$/),
      expect.stringMatching(/^bob is 2001:0:801:1:[0-9a-f:]+, after \d+ ms$/),
      expect.stringMatching(/^alice reaches bob after \d+ ms$/),
      '100,000 octets arrived intact',
      'an hour later alice is qualified and bob is qualified',
    ]);
  });

  it.each([
    ['cone', 'cone', 60],
    ['address-restricted', 'address-restricted', 60],
    ['port-restricted', 'port-restricted', 60],
    ['port-symmetric', 'port-symmetric', undefined],
  ])('diagnose-nat: names %s %s', (kind, name, lifetime) => {
    const { lines } = run('diagnose-nat', kind);
    expect(lines[0]).toMatch(/^ +\d\.\d s {2}mapping$/);
    expect(lines).toContain(`verdict   ${name}`);
    const said = lines.filter((line) => line.startsWith('lifetime'));
    expect(said).toEqual(
      lifetime === undefined ? [] : [`lifetime  a mapping without traffic lives ${lifetime} s or longer`],
    );
  });

  it('diagnose-nat: refuses a kind that is none, and says which there are', () => {
    expect(run('diagnose-nat', 'X', 1)).toEqual({
      lines: [''],
      errors:
        'X is no kind of NAT: choose one of cone, address-restricted, port-restricted, upnp-port-restricted, upnp-port-symmetric, port-preserving-symmetric, sequential-symmetric, port-symmetric, address-symmetric.\n',
    });
  });

  it.each([
    ['2001:0:801:1:30ac:c829:f7fe:fffc', '8.1.0.1', '8.1.0.3:14294', '0x30ac', 'yes'],
    ['2001:0:4136:e378:8000:63bf:3fff:fdd2', '65.54.227.120', '192.0.2.45:40000', '0x8000, cone bit set', unusable],
  ])('decode-address: prints the fields of %s', (address, server, mapped, flags, usable) => {
    expect(run('decode-address', address).lines).toEqual([
      `server  ${server}`,
      `mapped  ${mapped}`,
      `flags   ${flags}`,
      `usable  ${usable}`,
    ]);
  });

  it('decode-address: refuses other addresses', () => {
    expect(run('decode-address', '2001:db8::1', 1).errors).toBe(
      '2001:db8::1 is not a Teredo address: give an IPv6 address in 2001::/32.\n',
    );
  });

  it('record-capture and decode-capture: show how two clients meet', () => {
    const count = /^(\d+) datagrams are in /.exec(run('record-capture', capture).lines[0]!)![1];
    const { lines } = run('decode-capture', capture);
    expect(lines.length).toBe(Number(count));
    const said = (pattern: RegExp): number => lines.findIndex((line) => pattern.test(line));
    const order = [
      said(/ 8\.1\.0\.3:\d+ > 8\.1\.0\.1:3544 {2}authentication, router solicitation fe80:\S+ > ff02::2$/),
      said(/ 8\.1\.0\.1:3544 > 8\.1\.0\.3:(\d+) {2}authentication, origin 8\.1\.0\.3:\1, router advertisement fe80:/),
      said(
        / 8\.1\.0\.1:3544 > 8\.1\.0\.4:\d+ {2}origin 8\.1\.0\.3:\d+, bubble 2001:0:801:1:\S+ > 2001:0:801:1:\S+, 16 octets of trailers$/,
      ),
      said(/ 8\.1\.0\.3:\d+ > 8\.1\.0\.4:\d+ {2}echo request /),
      said(/ 8\.1\.0\.4:\d+ > 8\.1\.0\.3:\d+ {2}echo reply /),
    ];
    expect(order[0]).toBe(0);
    expect(order.toSorted((a, b) => a - b)).toEqual(order);
  });

  it('decode-capture: counts what is not Teredo, and ignores what is cut off', () => {
    const recorded = readFileSync(capture);
    writeFileSync(damaged, recorded.subarray(0, recorded.length - 1));
    const whole = run('decode-capture', capture).lines;
    expect(run('decode-capture', damaged).lines).toEqual(whole.slice(0, -1));
    const other = Uint8Array.from(recorded);
    // The first octet of the first payload: after the headers of file, record, IPv4 and UDP.
    other[24 + 16 + 20 + 8] = 0xff;
    writeFileSync(damaged, other);
    expect(run('decode-capture', damaged).lines).toEqual([...whole.slice(1), 'not Teredo: 1']);
  });

  it('decode-capture: refuses a file that is no capture', () => {
    writeFileSync(damaged, new Uint8Array(100));
    expect(run('decode-capture', damaged, 1).errors).toContain('This is no capture in pcap format.');
  });

  it('echo-engine: returns three datagrams through the kernel', () => {
    const { lines } = run('echo-engine');
    expect(lines.at(-1)).toBe('answers: one, two, six');
    expect(lines.slice(0, -1).length).toBeGreaterThan(0);
    for (const line of lines.slice(0, -1)) expect(line).toMatch(/^echo: [123] x 3 octets from 127\.0\.0\.1$/);
  });
});
