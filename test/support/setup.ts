/**
 * Properties draw from one seed, so that the same commit gives the same test result. `FIVETUPLE_SEED=7 npm test` draws
 * otherwise, `FIVETUPLE_SEED=random` differently each time: for searching, with FIVETUPLE_RUNS.
 */
import fc from 'fast-check';

const { FIVETUPLE_SEED = '20261121' } = process.env;
if (FIVETUPLE_SEED !== 'random')
  fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(FIVETUPLE_SEED) });
