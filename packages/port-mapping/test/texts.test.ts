import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readDeviceDescription } from '../src/codec/device-description.ts';
import { readSoapAnswer, writeSoapRequest } from '../src/codec/soap.ts';
import { readSsdpAnswer, ssdpSearches } from '../src/codec/ssdp.ts';
import { parseXml } from '../src/codec/xml.ts';
import { FakeRouter, ssdpAnswer } from './fake-router.ts';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const connection1 = 'urn:schemas-upnp-org:service:WANIPConnection:1';

describe('SSDP', () => {
  it('searches for Internet gateway devices of both versions', () => {
    const [one, two] = ssdpSearches(1).map((search) => new TextDecoder().decode(search));
    expect(one).toBe(
      'M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: "ssdp:discover"\r\nMX: 1\r\nST: urn:schemas-upnp-org:device:InternetGatewayDevice:1\r\n\r\n',
    );
    expect(two).toContain('InternetGatewayDevice:2\r\n');
  });

  it('reads the location, however the header is written', () => {
    const answer =
      'HTTP/1.1 200 OK\r\nlocation :  http://192.168.1.1:5000/x.xml \r\nst:urn:schemas-upnp-org:device:InternetGatewayDevice:2\r\n\r\n';
    expect(readSsdpAnswer(encode(answer))).toEqual({ location: 'http://192.168.1.1:5000/x.xml' });
  });

  it.each([
    ['a search', new TextDecoder().decode(ssdpSearches(1)[0]), 'mapping-malformed'],
    ['an error', ssdpAnswer('http://192.168.1.1/').replace('200 OK', '404 Not Found'), 'mapping-malformed'],
    ['an answer without a location', ssdpAnswer(''), 'mapping-malformed'],
    ['a location with a control character', ssdpAnswer('http://192.168.1.1/\rx'), 'mapping-malformed'],
    [
      'the answer of a printer',
      ssdpAnswer('http://192.168.1.1/', 'urn:schemas-upnp-org:device:Printer:1'),
      'mapping-not-asked',
    ],
    ['more than 2048 octets', ssdpAnswer(`http://192.168.1.1/${'x'.repeat(2_000)}`), 'mapping-malformed'],
    ['nothing', '', 'mapping-malformed'],
  ])('[UPNP-18] refuses %s', (_, text, reason) => {
    expect(readSsdpAnswer(encode(text))).toBe(reason);
  });

  it('[UPNP-18] reads any octets without an exception', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(['string', 'object']).toContain(typeof readSsdpAnswer(bytes));
        readSsdpAnswer(Uint8Array.from([...encode('HTTP/1.1 200 OK\r\n'), ...bytes]));
      }),
    );
  });
});

describe('a device description', () => {
  const router = new FakeRouter();

  it('names the services that map ports, the best first, and passes over the others', () => {
    router.urlBase = 'http://192.168.1.1:49152/';
    const description = router.description();
    const older = `<service><serviceType>${connection1}</serviceType><controlURL>/old</controlURL></service>`;
    expect(readDeviceDescription(description.replace('<serviceList>', `<serviceList>${older}`))).toEqual({
      base: 'http://192.168.1.1:49152/',
      services: [
        { type: 'urn:schemas-upnp-org:service:WANIPConnection:2', controlUrl: '/ctl/IPConn' },
        { type: connection1, controlUrl: '/old' },
      ],
    });
  });

  it('of a printer names none, and of a thousand services four', () => {
    expect(readDeviceDescription('<root><device/></root>')).toEqual({ base: undefined, services: [] });
    const service = `<service><serviceType>${connection1}</serviceType><controlURL>/c</controlURL></service>`;
    const many = readDeviceDescription(`<root>${service.repeat(1_000)}</root>`);
    expect(many).toMatchObject({ services: { length: 4 } });
  });

  it.each([
    ['entities', '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "yyyy">]><root><URLBase>&x;</URLBase></root>'],
    ['an external entity', '<!DOCTYPE a SYSTEM "http://192.168.1.1/x.dtd"><root/>'],
    ['tags in tags in tags', `${'<a>'.repeat(20_000)}${'</a>'.repeat(20_000)}`],
    ['65 levels', `${'<a>'.repeat(65)}${'</a>'.repeat(65)}`],
    ['an end that is missing', '<root><device>'],
    ['text', 'not XML'],
    ['nothing', ''],
  ])('[UPNP-18] refuses %s', (_, text) => {
    expect(readDeviceDescription(text)).toBe('mapping-malformed');
  });

  it('accepts 64 levels, and resolves the entities that XML itself has', () => {
    expect(parseXml(`${'<a>'.repeat(64)}${'</a>'.repeat(64)}`)).toMatchObject({ name: 'a' });
    expect(parseXml('<s:a xmlns:s="urn:x"> 1 &amp; 2 </s:a>')).toEqual({ name: 'a', text: '1 & 2', children: [] });
  });

  it.each([
    ['comments with end tags', '<a><!--</-->'],
    ['attributes that look like the end of a tag', "<a x='/>'>"],
    ['nothing else', '<a>'],
  ])('[UPNP-18] is malformed when it nests too deeply, with %s in between', (_, start) => {
    for (const levels of [65, 2_000, 4_000]) {
      const text = `${start.repeat(levels)}${'</a>'.repeat(levels)}`;
      expect(readDeviceDescription(text)).toBe('mapping-malformed');
      expect(readSoapAnswer(text, 'AddPortMapping')).toBe('mapping-malformed');
    }
  });

  it('[UPNP-18] is read without an exception, whatever it is', () => {
    const piece = fc.constantFrom(
      '<a>',
      '</a>',
      '<',
      '>',
      '<!--',
      ']]>',
      '<![CDATA[',
      '&lt;',
      '&#x110000;',
      '<?',
      '/',
      '"',
      'x',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        const text = pieces.join('');
        expect(['string', 'object']).toContain(typeof readDeviceDescription(text));
        expect(['string', 'object']).toContain(typeof readSoapAnswer(text, 'a'));
      }),
    );
  });
});

describe('SOAP', () => {
  it('writes an action with its arguments in order', () => {
    const text = writeSoapRequest(connection1, 'DeletePortMapping', [
      ['NewRemoteHost', ''],
      ['NewExternalPort', '40000'],
    ]);
    expect(text).toContain(
      `<s:Body><u:DeletePortMapping xmlns:u="${connection1}"><NewRemoteHost></NewRemoteHost><NewExternalPort>40000</NewExternalPort></u:DeletePortMapping></s:Body>`,
    );
    expect(parseXml(text)).toMatchObject({ name: 'Envelope' });
  });

  it('reads results and faults', () => {
    const done = readSoapAnswer(
      '<s:E xmlns:s="x"><s:Body><u:GetResponse xmlns:u="y"><New>1</New></u:GetResponse></s:Body></s:E>',
      'Get',
    );
    expect(done).toMatchObject({ kind: 'done' });
    expect(typeof done === 'object' && done.kind === 'done' ? [done.valueOf('New'), done.valueOf('Old')] : []).toEqual([
      '1',
      undefined,
    ]);
    const fault =
      '<E><Body><Fault><detail><UPnPError><errorCode> 718 </errorCode></UPnPError></detail></Fault></Body></E>';
    expect(readSoapAnswer(fault, 'Get')).toEqual({ kind: 'fault', code: 718 });
  });

  it.each([
    ['the result of another action', '<E><SetResponse/></E>'],
    ['an error that is no number', '<E><errorCode>none</errorCode></E>'],
    ['what is not XML', '<E>'],
  ])('[UPNP-18] refuses %s', (_, text) => {
    expect(readSoapAnswer(text, 'Get')).toBe('mapping-malformed');
  });
});
