import type { Ipv4Value } from '@navalis/address';

/** An attribute of any length; the offset is -1 while it is absent. */
export class AttributePlace {
  offset = -1;
  length = 0;

  get isPresent(): boolean {
    return this.offset >= 0;
  }

  clear(): void {
    this.offset = -1;
    this.length = 0;
  }

  /** Returns a copy of the value. */
  copyFrom(bytes: Uint8Array): Uint8Array {
    return this.isPresent ? bytes.slice(this.offset, this.offset + this.length) : new Uint8Array(0);
  }
}

/** An IPv4 endpoint of an attribute; the port is -1 while it is absent, or of another address family. */
export class EndpointPlace {
  address: Ipv4Value = 0;
  port = -1;

  get isPresent(): boolean {
    return this.port >= 0;
  }

  clear(): void {
    this.address = 0;
    this.port = -1;
  }
}

/** The fields of one STUN message. One object is reused for all messages; nothing of it may be kept. */
export class StunLayout {
  method = 0;
  messageClass = 0;
  /** Offset of the header, and octets of the whole message. */
  offset = 0;
  length = 0;
  /** The error code; 0 when there is none. */
  errorCode = 0;
  /** Seconds; -1 when there is none. */
  lifetime = -1;
  channelNumber = -1;
  /** Attributes that a reader must understand, and that are unknown. */
  unknownRequired = 0;
  readonly mapped: EndpointPlace = new EndpointPlace();
  readonly relayed: EndpointPlace = new EndpointPlace();
  readonly peer: EndpointPlace = new EndpointPlace();
  readonly alternate: EndpointPlace = new EndpointPlace();
  readonly data: AttributePlace = new AttributePlace();
  readonly realm: AttributePlace = new AttributePlace();
  readonly nonce: AttributePlace = new AttributePlace();
  readonly username: AttributePlace = new AttributePlace();
  readonly userHash: AttributePlace = new AttributePlace();
  readonly passwordAlgorithm: AttributePlace = new AttributePlace();
  readonly passwordAlgorithms: AttributePlace = new AttributePlace();
  readonly integrity: AttributePlace = new AttributePlace();
  readonly integritySha256: AttributePlace = new AttributePlace();
  readonly requestedTransport: AttributePlace = new AttributePlace();

  clear(): void {
    this.method = 0;
    this.messageClass = 0;
    this.offset = 0;
    this.length = 0;
    this.errorCode = 0;
    this.lifetime = -1;
    this.channelNumber = -1;
    this.unknownRequired = 0;
    this.mapped.clear();
    this.relayed.clear();
    this.peer.clear();
    this.alternate.clear();
    this.data.clear();
    this.realm.clear();
    this.nonce.clear();
    this.username.clear();
    this.userHash.clear();
    this.passwordAlgorithm.clear();
    this.passwordAlgorithms.clear();
    this.integrity.clear();
    this.integritySha256.clear();
    this.requestedTransport.clear();
  }
}
