/** The reasons to drop an answer of a router, or of a host that poses as one, with the row of the checklist that requires each. */
export const mappingDropReasons = {
  'mapping-other-source': 'UPNP-18',
  'mapping-malformed': 'UPNP-18',
  'mapping-not-asked': 'UPNP-18',
  'mapping-other-location': 'UPNP-18',
  'mapping-redirect': 'UPNP-18',
  'mapping-too-long': 'UPNP-18',
  'mapping-too-slow': 'UPNP-18',
  'mapping-too-many-answers': 'UPNP-18',
  'mapping-bad-address': 'UPNP-18',
} as const;

export type MappingDropReason = keyof typeof mappingDropReasons;

/** The two that codecs find: the others are found where answers arrive. */
export type CodecDrop = Extract<MappingDropReason, 'mapping-malformed' | 'mapping-not-asked'>;
