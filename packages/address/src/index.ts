export type * from './values.ts';
