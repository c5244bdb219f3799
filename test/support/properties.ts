/**
 * What properties are tried on: the same in every run of the tests, so that whether they pass is no matter of luck. To look
 * further, give PROPERTY_SEED another number.
 */
import fc from 'fast-check';

fc.configureGlobal({ seed: Number(process.env['PROPERTY_SEED'] ?? 20_261_122) });
