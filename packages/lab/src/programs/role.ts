/** The roles of our programs. */
export type Role = 'client' | 'server' | 'relay' | 'host-relay';
