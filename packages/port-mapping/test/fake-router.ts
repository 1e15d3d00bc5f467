import { createSocket, type Socket } from 'node:dgram';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { parseIpv4, readUint16, readUint32, writeUint16, writeUint32 } from '@navalis/address';
import type { RouterPorts } from '../src/network/network.ts';

/** On the loopback interface every address of 127.0.0.0/8 is a host of its own. */
export const routerAddress: number = parseIpv4('127.0.0.2')!;
export const hostAddress: number = parseIpv4('127.0.0.1')!;
export const strangerAddress = '127.0.0.3';

/** A call of an action, as the router read it. */
export interface SoapCall {
  readonly action: string;
  readonly args: readonly (readonly [name: string, value: string])[];
  readonly service: string;
}

const igd2Service = 'urn:schemas-upnp-org:service:WANIPConnection:2';

/** A router on the loopback interface; what it speaks and how it answers can be changed at any time. */
export class FakeRouter {
  speaksPcp = false;
  speaksNatPmp = false;
  speaksUpnp = false;
  external = '203.0.113.7';
  /** The external port of a requested one. */
  externalPort: (requested: number) => number = (requested) => requested;
  lifetimeSeconds = 7_200;
  epochSeconds = 1_000;
  pcpResult = 0;
  natPmpResult = 0;
  /** By internal port, with the nonce as hexadecimal digits where there is one. */
  readonly mappings: Map<number, string> = new Map<number, string>();
  /** The host that mappings by UPnP lead to. */
  internalClient = '127.0.0.1';
  /** The requests on the control port: version and opcode. */
  readonly control: string[] = [];
  readonly calls: SoapCall[] = [];
  searches = 0;
  /** The fault of an action in place of its result. */
  faults: Partial<Record<string, number>> = {};
  /** Takes over the HTTP side. */
  serve: ((request: IncomingMessage, response: ServerResponse) => void) | undefined;
  /** Makes the answer to a search. */
  searchAnswer: (location: string) => string = (location) => ssdpAnswer(location);
  /** More datagrams in answer to each search, or each request on the control port. */
  alsoSends: ((sending: { readonly port: number; readonly address: string }) => void) | undefined;
  /** Makes a wrong answer of a right one on the control port; it is sent first. */
  forge: ((answer: Uint8Array) => Uint8Array) | undefined;
  service: string = igd2Service;
  controlUrl = '/ctl/IPConn';
  urlBase: string | undefined;
  readonly #sockets: Socket[] = [];
  #http: Server | undefined;

  /** Opens the sockets. */
  async open(): Promise<RouterPorts> {
    const control = await this.#listen((socket, octets, to) => this.#answerControl(socket, octets, to));
    const ssdp = await this.#listen((socket, _octets, to) => this.#answerSearch(socket, to));
    const http = createServer((request, response) => (this.serve ?? this.answerHttp)(request, response));
    this.#http = http;
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.2', resolve));
    return { control, ssdp, announcements: await freePort() };
  }

  close(): void {
    for (const socket of this.#sockets) socket.close();
    this.#http?.closeAllConnections();
    this.#http?.close();
  }

  get httpPort(): number {
    return (this.#http!.address() as AddressInfo).port;
  }

  get location(): string {
    return `http://127.0.0.2:${this.httpPort}/rootDesc.xml`;
  }

  /** Sends a datagram from the control port. */
  sendTo(octets: Uint8Array, port: number): void {
    this.#sockets[0]!.send(octets, port, '127.0.0.1');
  }

  readonly answerHttp = (request: IncomingMessage, response: ServerResponse): void => {
    if (request.method === 'GET') {
      response.end(this.description());
      return;
    }
    let body = '';
    request.setEncoding('utf8').on('data', (text) => {
      body += text;
    });
    const { soapaction } = request.headers;
    request.on('end', () => this.#answerSoap(String(soapaction), body, response));
  };

  description(): string {
    const { service, controlUrl, urlBase } = this;
    return `<?xml version="1.0"?>
<root xmlns="urn:schemas-upnp-org:device-1-0">${urlBase === undefined ? '' : `<URLBase>${urlBase}</URLBase>`}
<device><deviceType>urn:schemas-upnp-org:device:InternetGatewayDevice:2</deviceType>
<serviceList><service><serviceType>urn:schemas-upnp-org:service:Layer3Forwarding:1</serviceType><controlURL>/l3f</controlURL></service></serviceList>
<deviceList><device><deviceList><device><serviceList><service>
<serviceType>${service}</serviceType><controlURL>${controlUrl}</controlURL>
</service></serviceList></device></deviceList></device></deviceList></device></root>`;
  }

  #answerSoap(header: string, body: string, response: ServerResponse): void {
    const [, service = '', action = ''] = /^"(.*)#(\w+)"$/.exec(header) ?? [];
    const args = [...body.matchAll(/<(New\w+)>([^<]*)<\/\1>/g)].map(
      ([, name = '', value = '']) => [name, value] as const,
    );
    this.calls.push({ action, args, service });
    const port = Number(args.find(([name]) => name === 'NewExternalPort')?.[1] ?? 0);
    const values = new Map<string, string>();
    let fault = this.faults[action];
    if (fault === undefined && action === 'AddPortMapping') this.mappings.set(port, '');
    if (fault === undefined && action === 'DeletePortMapping' && !this.mappings.delete(port)) fault = 714;
    if (action === 'GetExternalIPAddress') values.set('NewExternalIPAddress', this.external);
    if (fault === undefined && action === 'GetSpecificPortMappingEntry') {
      if (this.mappings.has(port)) values.set('NewInternalClient', this.internalClient);
      else fault = 714;
    }
    response.statusCode = fault === undefined ? 200 : 500;
    response.end(envelope(fault === undefined ? result(action, service, values) : faultText(fault)));
  }

  #answerSearch(socket: Socket, to: { readonly port: number; readonly address: string }): void {
    this.searches += 1;
    this.alsoSends?.(to);
    if (this.speaksUpnp) socket.send(this.searchAnswer(this.location), to.port, to.address);
  }

  #answerControl(socket: Socket, octets: Uint8Array, to: { readonly port: number; readonly address: string }): void {
    this.control.push(`${octets[0]}/${octets[1]}`);
    this.alsoSends?.(to);
    const answer = octets[0] === 2 ? this.#pcpAnswer(octets) : this.#natPmpAnswer(octets);
    if (answer === undefined) return;
    if (this.forge !== undefined) socket.send(this.forge(Uint8Array.from(answer)), to.port, to.address);
    socket.send(answer, to.port, to.address);
  }

  #pcpAnswer(octets: Uint8Array): Uint8Array | undefined {
    if (!this.speaksPcp) return this.speaksNatPmp ? Uint8Array.of(0, 128, 0, 1, 0, 0, 0, 0) : undefined;
    const answer = Uint8Array.from(octets);
    answer[1]! |= 0x80;
    answer[3] = this.pcpResult;
    const isMap = octets[1] === 1;
    const lifetime = isMap && readUint32(octets, 4) > 0 ? this.lifetimeSeconds : 0;
    writeUint32(answer, 4, lifetime);
    writeUint32(answer, 8, this.epochSeconds);
    answer.fill(0, 12, 24);
    if (isMap && this.pcpResult === 0) {
      const port = readUint16(octets, 40);
      const nonce = Buffer.from(octets.subarray(24, 36)).toString('hex');
      if (lifetime > 0) this.mappings.set(port, nonce);
      else if (this.mappings.get(port) === nonce) this.mappings.delete(port);
      writeUint16(answer, 42, this.externalPort(readUint16(octets, 42)));
      writeUint32(answer, 56, parseIpv4(this.external)!);
    }
    return answer;
  }

  #natPmpAnswer(octets: Uint8Array): Uint8Array | undefined {
    if (!this.speaksNatPmp) return undefined;
    const isMap = octets[1] === 1;
    const answer = new Uint8Array(isMap ? 16 : 12);
    answer[1] = 128 + octets[1]!;
    writeUint16(answer, 2, this.natPmpResult);
    writeUint32(answer, 4, this.epochSeconds);
    if (!isMap) {
      writeUint32(answer, 8, parseIpv4(this.external)!);
      return answer;
    }
    const port = readUint16(octets, 4);
    const lifetime = readUint32(octets, 8) > 0 ? this.lifetimeSeconds : 0;
    if (this.natPmpResult === 0) {
      if (lifetime > 0) this.mappings.set(port, '');
      else this.mappings.delete(port);
    }
    writeUint16(answer, 8, port);
    writeUint16(answer, 10, this.externalPort(readUint16(octets, 6)));
    writeUint32(answer, 12, lifetime);
    return answer;
  }

  async #listen(
    answer: (socket: Socket, octets: Uint8Array, to: { readonly port: number; readonly address: string }) => void,
  ): Promise<number> {
    const socket = createSocket('udp4');
    this.#sockets.push(socket);
    socket.on('message', (octets, from) => answer(socket, octets, from));
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.2', resolve));
    return socket.address().port;
  }
}

export function ssdpAnswer(location: string, target = 'urn:schemas-upnp-org:device:InternetGatewayDevice:1'): string {
  return `HTTP/1.1 200 OK\r\nCACHE-CONTROL: max-age=120\r\nST: ${target}\r\nUSN: uuid:1::${target}\r\nEXT:\r\nSERVER: test\r\nLOCATION: ${location}\r\n\r\n`;
}

function envelope(content: string): string {
  return `<?xml version="1.0"?>\r\n<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" s:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"><s:Body>${content}</s:Body></s:Envelope>`;
}

function result(action: string, service: string, values: ReadonlyMap<string, string>): string {
  const content = [...values].map(([name, value]) => `<${name}>${value}</${name}>`);
  return `<u:${action}Response xmlns:u="${service}">${content.join('')}</u:${action}Response>`;
}

function faultText(code: number): string {
  return `<s:Fault><faultcode>s:Client</faultcode><faultstring>UPnPError</faultstring><detail><UPnPError xmlns="urn:schemas-upnp-org:control-1-0"><errorCode>${code}</errorCode><errorDescription>Text</errorDescription></UPnPError></detail></s:Fault>`;
}

async function freePort(): Promise<number> {
  const server = createTcpServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
