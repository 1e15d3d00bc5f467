import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { loadConfiguration, type Role } from '../src/index.ts';

const directory = mkdtempSync(join(tmpdir(), 'navalis-secrets-'));
afterAll(() => rmSync(directory, { recursive: true }));
const strong = '0123456789abcdef0123456789abcdef';
/** Debian's user of this name. */
const nobody = 65_534;
let files = 0;

function file(text: string, mode = 0o600): string {
  const path = join(directory, String(++files));
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

function load<R extends Role>(role: R, values: Readonly<Record<string, unknown>>) {
  const raw = new Map(Object.entries(values).map(([key, value]) => [key, { value, source: 'flag' as const }]));
  return loadConfiguration(role, { config: '/dev/null', values: raw });
}

/** The sentence with which loading fails; it reveals no part of the secret. */
function mistake(role: Role, values: Readonly<Record<string, unknown>>, secret = strong): string {
  try {
    load(role, values);
  } catch (error) {
    const { message, code } = error as Error & { code: string };
    expect(code).toBe('configuration');
    expect(message).toMatch(/^[^\n]*\.$/);
    expect(message).not.toContain(secret);
    return message;
  }
  throw new Error('the configuration was accepted');
}

const client = (values: Readonly<Record<string, unknown>>) => ({ server: '8.8.8.8', ...values });
const server = (values: Readonly<Record<string, unknown>>) => ({ 'primary-address': '8.8.8.8', ...values });
const utf8 = (text: string) => new TextEncoder().encode(text);

describe("a client's secret", () => {
  it('[CL-C-02] identifier, secret and algorithm come together, or not at all', () => {
    const path = file(`${strong}\n`);
    const values = { 'client-identifier': 'alice', 'secret-file': path };
    const credentials = { clientIdentifier: utf8('alice'), secret: utf8(strong), algorithm: 'hmac-sha1' };
    expect(load('client', client(values)).engine.secure).toEqual(credentials);
    const other = { ...values, 'secure-algorithm': 'hmac-sha256' };
    expect(load('client', client(other)).engine.secure).toEqual({ ...credentials, algorithm: 'hmac-sha256' });
    expect(load('client', client({})).engine.secure).toBeUndefined();
    expect(mistake('client', client({ 'client-identifier': 'alice' }))).toBe(
      'client-identifier alice is not allowed: secret-file is not set, and goes with it.',
    );
    expect(mistake('client', client({ 'secret-file': path }))).toBe(
      `secret-file ${path} is not allowed: client-identifier is not set, and goes with it.`,
    );
  });

  it('is only for a host-specific relay in mode auto', () => {
    const values = { 'client-identifier': 'alice', 'secret-file': file(strong) };
    const auto = load('host-relay', { mode: 'auto', server: '8.8.8.8', ...values });
    expect(auto.client?.engine.secure?.secret).toEqual(utf8(strong));
    expect(mistake('host-relay', values)).toContain('client-identifier alice is not allowed: only mode "auto"');
  });

  it.each([
    ['missing', () => join(directory, 'nowhere'), 'it does not exist'],
    ['a folder', () => directory, 'it is not a file'],
    ['empty', () => file('\n'), 'it is empty'],
    ['of two lines', () => file(`${strong}\n${strong}\n`), 'one line of printable ASCII'],
    ['too large', () => file('x'.repeat(4 * 1024 * 1024 + 1)), 'more than 4194304 octets'],
    ['[SEC-28] readable by the group', () => file(strong, 0o640), 'group or others have access to it (mode 0640)'],
    ['[SEC-28] readable by others', () => file(strong, 0o604), 'group or others have access to it (mode 0604)'],
    ['[SEC-28] writable by others', () => file(strong, 0o602), 'group or others have access to it (mode 0602)'],
  ])('a file that is %s is refused', (_, path, reason) => {
    const values = { 'client-identifier': 'alice', 'secret-file': path() };
    expect(mistake('client', client(values))).toContain(reason);
    expect(mistake('client', client(values))).toContain(`secret-file ${values['secret-file']} is not allowed`);
  });

  it.each(['', 'two words', '#comment', 'a\u0007', 'x'.repeat(256)])('the identifier %j is refused', (identifier) => {
    const values = { 'client-identifier': identifier, 'secret-file': file(strong) };
    expect(mistake('client', client(values))).toContain('it takes 1 to 255 octets of printable text');
  });

  it('[CL-S-16] a secret of fewer than 128 bits: a warning that does not show it', () => {
    const warningsFor = (secret: string) =>
      load('client', client({ 'client-identifier': 'alice', 'secret-file': file(secret) })).warnings;
    for (const [weak, bits] of [
      ['correct-horse', 78],
      [strong.slice(1), 124],
      [strong.slice(1).toUpperCase(), 124],
      ['9'.repeat(38), 126],
      ['~'.repeat(19), 124],
    ] as const) {
      const [warning, ...others] = warningsFor(weak);
      expect(warning).toContain(`at most ${bits} bits`);
      expect(warning).not.toContain(weak);
      expect(others).toEqual([]);
    }
    for (const enough of [strong, '9'.repeat(39), '~'.repeat(20), 'AbCdEfGhIjKlMnOpQrStUv']) {
      expect(warningsFor(enough)).toEqual([]);
    }
  });
});

describe("a server's key file", () => {
  const lines = ['# secrets', '', `alice hmac-sha1 ${strong}`, `  bob\thmac-sha256   ${strong} renew`];

  it('has one client a line, comments and empty lines, with either line end', () => {
    for (const lineEnd of ['\n', '\r\n']) {
      const configuration = load('server', server({ 'client-keys': file(lines.join(lineEnd) + lineEnd) }));
      const common = { secret: utf8(strong) };
      expect(configuration.engine.clientKeys).toEqual([
        { ...common, clientIdentifier: utf8('alice'), algorithm: 'hmac-sha1', shouldRenew: false },
        { ...common, clientIdentifier: utf8('bob'), algorithm: 'hmac-sha256', shouldRenew: true },
      ]);
      expect(configuration).toMatchObject({ engine: { requireSecure: false }, warnings: [] });
    }
    expect(load('server', server({})).engine.clientKeys).toBeUndefined();
  });

  it('[SEC-28] names every bad line by its number, and shows none', () => {
    const path = file(
      [
        ...lines,
        'carol',
        `dave ${strong} hmac-sha1`,
        `eve hmac-sha1 ${strong} often`,
        `alice hmac-sha1 ${strong}`,
        `${'x'.repeat(256)} hmac-sha1 ${strong}`,
        '',
      ].join('\n'),
    );
    expect(mistake('server', server({ 'client-keys': path }))).toBe(
      `client-keys ${path} is not allowed: ` +
        'line 5 has not the three words identifier, algorithm and secret; ' +
        'line 6 has an algorithm other than hmac-sha1 and hmac-sha256; ' +
        'line 7 has more after the secret than "renew"; ' +
        'line 8 repeats an earlier one; ' +
        'line 9 has an identifier that is not 1 to 255 octets of printable text.',
    );
  });

  it('of many bad lines names five', () => {
    const sentence = mistake('server', server({ 'client-keys': file('x\n'.repeat(8)) }));
    expect(sentence).toContain('line 5 has not');
    expect(sentence).toMatch(/; and 3 more\.$/);
  });

  it('gives a client two secrets, and not three', () => {
    const two = `alice hmac-sha1 ${strong} renew\nalice hmac-sha1 ${strong}1\n`;
    expect(load('server', server({ 'client-keys': file(two) })).engine.clientKeys).toHaveLength(2);
    const three = `${two}alice hmac-sha1 ${strong}2\n`;
    expect(mistake('server', server({ 'client-keys': file(three) }))).toContain('line 3 is the third for its client');
  });

  it('is refused if it is empty or readable by others', () => {
    expect(mistake('server', server({ 'client-keys': file('# none\n') }))).toContain('it names no client');
    expect(mistake('server', server({ 'client-keys': file(`${lines.join('\n')}\n`, 0o644) }))).toContain('mode 0644');
  });

  it('[CL-S-16] warns of the lines with weak secrets', () => {
    const path = file(`${lines.join('\n')}\ncarol hmac-sha1 password\ndave hmac-sha1 secret\n`);
    const [warning, ...others] = load('server', server({ 'client-keys': path })).warnings;
    expect(warning).toMatch(/fewer than 128 bits.* in line 5, 6\.$/);
    expect(others).toEqual([]);
  });

  it('[SEC-28] never takes effect half written: a digest in its first line stands for the rest', () => {
    const content = Array.from({ length: 5 }, (_, index) => `client-${index} hmac-sha1 ${strong}\n`).join('');
    const digest = createHash('sha256').update(content).digest('hex');
    const whole = `# sha256: ${digest}\n${content}`;
    const refusal = (text: string) => mistake('server', server({ 'client-keys': file(text) }));
    expect(load('server', server({ 'client-keys': file(whole) })).engine.clientKeys).toHaveLength(5);
    expect(load('server', server({ 'client-keys': file(whole.replace('\n', '\r\n')) })).engine.clientKeys).toHaveLength(
      5,
    );
    for (let length = 0; length < whole.length; length++)
      expect(refusal(whole.slice(0, length))).toContain('client-keys');
    const cut = whole.split('\n').slice(0, 3).join('\n');
    expect(refusal(cut)).toContain('its last line has no line break at its end');
    expect(refusal(`${cut}\n`)).toContain('the digest in its first line is not that of the lines after it');
    // A tool that overwrites a file of the same length in place.
    expect(refusal(whole.replace('client-3', 'client-7'))).toContain('the digest in its first line is not that');
    expect(refusal(`# sha256: ${digest.slice(1)}\n${content}`)).toContain('has no SHA-256 digest of 64');
  });

  it.each([
    ['a byte order mark', '\ufeff# sha256: '],
    ['a comment', '# Made by a tool.\n# sha256: '],
    ['capitals', '# SHA256: '],
    ['no space', '#sha256: '],
  ])('[SEC-28] is refused where a digest would be ignored: %s', (_title, mark) => {
    const content = `alice hmac-sha1 ${strong}\n`;
    const digest = createHash('sha256').update(content).digest('hex');
    const path = file(`${mark}${digest}\n${content}`);
    expect(mistake('server', server({ 'client-keys': path }))).toContain(
      'its digest would not be checked: begin its first line with "# sha256:"',
    );
  });

  it('is made with its digest by the commands of the guide', () => {
    const guide = readFileSync(new URL('../../../docs/operate/server.md', import.meta.url), 'utf8');
    const commands = /<!-- digest: begin -->\n```sh\n(.*?)```/s.exec(guide)![1]!;
    const folder = mkdtempSync(join(directory, 'fleet-'));
    writeFileSync(join(folder, 'secrets'), `alice hmac-sha1 ${strong}\n`);
    execFileSync('sh', ['-euc', commands.replaceAll('/etc/navalis', folder).replace(/^systemctl.*$/m, '')], {
      cwd: folder,
    });
    const path = join(folder, 'client-keys');
    expect(readFileSync(path, 'utf8')).toMatch(/^# sha256: [0-9a-f]{64}\nalice /);
    expect(load('server', server({ 'client-keys': path })).engine.clientKeys).toHaveLength(1);
  });

  it('require-secure needs one', () => {
    const path = file(`${lines.join('\n')}\n`);
    expect(load('server', server({ 'client-keys': path, 'require-secure': 'true' })).engine.requireSecure).toBe(true);
    expect(mistake('server', server({ 'require-secure': true }))).toContain('client-keys is not set');
  });
});

describe('the token of the status server', () => {
  const http = '192.0.2.1:9464';
  const token = 'AbCd.~_+/-0123456=';
  const relay = (values: Readonly<Record<string, unknown>>) => ({ prefix: '2001::/32', ...values });

  it('[SEC-45] is needed where other hosts reach the server, and only there', () => {
    for (const outside of [
      http,
      '0.0.0.0:9464',
      '128.0.0.1:1',
      '[::]:9464',
      '[2001:db8::1]:9464',
      '[::ffff:127.0.0.1]:1',
    ]) {
      expect(mistake('relay', relay({ http: outside }))).toBe(
        `http ${outside} is not allowed: other hosts can reach it, so that http-token must be set; ` +
          'without a token it takes 127.0.0.1 or [::1].',
      );
    }
    for (const loopback of ['127.0.0.1:9464', '127.9.9.9:1', '[::1]:9464', '[0:0::0:1]:9464']) {
      expect(load('relay', relay({ http: loopback })).httpToken).toBeUndefined();
    }
    const path = file(`${token}\n`);
    for (const role of ['relay', 'client', 'server', 'host-relay'] as const) {
      const others = role === 'client' ? client({}) : role === 'server' ? server({}) : {};
      const loaded = load(role, { ...others, http, 'http-token': path });
      expect(loaded.httpToken).toBe(token);
      expect(loaded.secretDigests['http-token']).toMatch(/^[0-9a-f]{64}$/);
    }
    expect(mistake('relay', relay({ 'http-token': path }), token)).toContain('http is not set, and goes with it');
  });

  it.each([
    ['empty', () => file('\n'), 'it is empty'],
    ['of two lines', () => file(`${token}\n${token}`), 'it must hold one line'],
    ['with a space', () => file('0123456789 0123456789'), 'it must hold one line'],
    ['short', () => file('0123456789abcde'), 'fewer than 16 characters'],
    ['[SEC-28] readable by the group', () => file(token, 0o640), 'mode 0640'],
  ])('in a file that is %s is refused', (_, path, reason) => {
    expect(mistake('relay', relay({ http, 'http-token': path() }), token)).toContain(reason);
  });

  it('goes with names in lower case', () => {
    const named = (names: unknown) => load('relay', relay({ 'http-names': names })).httpNames;
    expect(named(['Status.Example.NET', 'a'])).toEqual(['status.example.net', 'a']);
    expect(load('relay', {}).httpNames).toEqual([]);
    for (const name of ['', 'a..b', '-a', 'a b', 'a:80', 'x'.repeat(64), '*.example']) {
      expect(mistake('relay', relay({ 'http-names': [name] }))).toContain('http-names');
    }
  });
});

describe('a file of systemd', () => {
  afterEach(() => vi.unstubAllEnvs());

  it('may show access for the group, which stands for the access control list of the service', () => {
    const path = file(strong, 0o440);
    const values = client({ 'client-identifier': 'alice', 'secret-file': path });
    expect(mistake('client', values)).toContain('mode 0440');
    vi.stubEnv('CREDENTIALS_DIRECTORY', directory);
    expect(load('client', values).engine.secure).toBeDefined();
    chmodSync(path, 0o444);
    expect(mistake('client', values)).toContain('mode 0444');
  });

  it('[SEC-28] is one inside the folder of credentials, not beside it', () => {
    const path = file(strong, 0o440);
    const values = client({ 'client-identifier': 'alice', 'secret-file': path });
    // A prefix of the folder's name is another folder.
    for (const folder of [directory.slice(0, -1), join(directory, 'other'), path.slice(0, -1)]) {
      vi.stubEnv('CREDENTIALS_DIRECTORY', folder);
      expect(mistake('client', values)).toContain('mode 0440');
    }
  });

  it('[SEC-28] is read in place of one that the service may not read, by the name of its path alone', () => {
    // Root may read everything, so it changes its user while it reads.
    const isRoot = process.geteuid!() === 0;
    const path = file(strong, 0o000);
    const id = path.slice(1).replaceAll('/', '-');
    const credentials = join(directory, 'teredo-client.service');
    mkdirSync(credentials);
    chmodSync(directory, 0o755);
    const copy = (name: string) => {
      writeFileSync(join(credentials, name), strong);
      chmodSync(join(credentials, name), 0o400);
      if (isRoot) chownSync(join(credentials, name), nobody, nobody);
    };
    const values = client({ 'client-identifier': 'alice', 'secret-file': path });
    const asService = <T>(read: () => T): T => {
      if (isRoot) process.seteuid!(nobody);
      try {
        return read();
      } finally {
        if (isRoot) process.seteuid!(0);
      }
    };
    const needed = `permission to read it is denied: add "LoadCredential=${id}:${path}" to the unit.`;
    vi.stubEnv('INVOCATION_ID', undefined);
    expect(asService(() => mistake('client', values))).toMatch(/permission to read it is denied\.$/);
    // A unit without any credential.
    vi.stubEnv('INVOCATION_ID', '0123456789abcdef0123456789abcdef');
    expect(asService(() => mistake('client', values))).toContain(needed);
    vi.stubEnv('CREDENTIALS_DIRECTORY', credentials);
    copy('secret');
    expect(asService(() => mistake('client', values))).toContain(needed);
    copy(id);
    expect(new TextDecoder().decode(asService(() => load('client', values)).engine.secure!.secret)).toBe(strong);
  });
});
