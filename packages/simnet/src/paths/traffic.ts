/** Counts the traffic of the networks; one object for a whole Internet. */
export class Traffic {
  sent = 0;
  octets = 0;
  delivered = 0;
  lost = 0;
  duplicated = 0;
  /** To an address that nobody has, or whose owner is down. */
  unroutable = 0;
  /** Refused by a NAT: no mapping, or its filter. */
  filtered = 0;
}
