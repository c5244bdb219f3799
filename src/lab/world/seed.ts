/**
 * How an estate is made: one function per resource, which puts it into the world as it stands after it was created long ago, and
 * starts its machines. No validation and no durations: those belong to the API. Scopes are `{ account, region }`.
 */
export * from './seed/network.ts';
export * from './seed/compute.ts';
export * from './seed/databases.ts';
export * from './seed/balancers.ts';
export * from './seed/dns.ts';
export * from './seed/alarms.ts';
