/** The specs of all probe kinds, for the catalogue that drills are checked against. */
import type { ProbeSpec } from '../domain/catalogue.ts';
import { spec as dnsAnswer } from './dns/answer.ts';
import { spec as httpCanary } from './http/canary.ts';
import { spec as httpGet } from './http/get.ts';
import { spec as mysqlCanary } from './mysql/canary.ts';
import { spec as postgresCanary } from './postgres/canary.ts';

export const probeSpecs: readonly ProbeSpec[] = [dnsAnswer, httpCanary, httpGet, mysqlCanary, postgresCanary];
