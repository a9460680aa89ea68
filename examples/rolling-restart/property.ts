/** Every request is answered, also while the workers behind the port are replaced. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { sleep } from 'fivetuple';
import { type NetworkProperty, network, networkProperty } from 'fivetuple/testing';
import { request, type Signal, worker } from './protocol.ts';

const PORT = 80;

interface Input {
  /** When each request is made, ms. */
  requests: number[];
  /** When the first worker is told to go, ms. */
  restart: number;
}

function restart(name: string, attempts: number): NetworkProperty<Input> {
  return networkProperty({
    name,
    module: import.meta.url,
    network: network({ hosts: ['client', 'server'], routers: 1, delay: 10, impairments: false }),
    input: fc.record({
      requests: fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 12, size: 'max' }),
      restart: fc.nat(60),
    }),
    play: (stage, input) => {
      const lost: number[] = [];
      const [goes, stays]: [Signal, Signal] = [{ isRaised: false }, { isRaised: false }];
      stage.start('server', worker(stage.any(PORT), goes), { name: 'old' });
      stage.start('server', worker(stage.any(PORT), stays), { name: 'new', at: `${input.restart}ms` });
      stage.at(`${input.restart}ms`, () => {
        goes.isRaised = true;
      });
      stage.start('client', function* ({ process, spawn }) {
        for (const [i, at] of input.requests.entries()) {
          spawn(function* () {
            yield* sleep(`${at}ms`);
            if (!(yield* request(process, stage.endpoint('server', PORT), attempts))) lost.push(i);
          });
        }
        yield* sleep('1min');
        return 0;
      });
      return () =>
        assert.ok(lost.length === 0, `${lost.length} of ${input.requests.length} requests were not answered`);
    },
  });
}

/** Does not hold. */
export const everyRequest = restart('every request is answered', 1);

export const everyRequestMended = restart('every request is answered when clients ask again', 3);
