/** A machine for which packages are built, in the words of Node. */
export type Architecture = 'x64' | 'arm64';

export const architectures: readonly Architecture[] = ['x64', 'arm64'];
