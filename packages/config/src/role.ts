/** The four programs. */
export type Role = 'client' | 'server' | 'relay' | 'host-relay';

export const roles: readonly Role[] = ['client', 'server', 'relay', 'host-relay'];
