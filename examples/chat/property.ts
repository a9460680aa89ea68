/** A chat must tell lines as they were said, in however many writes they were sent. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { inWrites, type NetworkProperty, network, networkProperty, writeSizes } from 'fivetuple/testing';
import { chatServer, listener, speaker } from './protocol.ts';

const PORT = 6000;

interface Input {
  lines: string[];
  /** Sizes of the writes, bytes. */
  writes: number[];
}

function chat(name: string, assembles: boolean): NetworkProperty<Input> {
  return networkProperty({
    name,
    module: import.meta.url,
    network: network({ hosts: ['server', 'alice', 'bob'], routers: 1, impairments: { most: 2 } }),
    input: fc.record({
      lines: fc.array(fc.stringMatching(/^[a-z]{1,12}$/), { minLength: 1, maxLength: 4 }),
      writes: writeSizes({ max: 30 }),
    }),
    play: (stage, { lines, writes }) => {
      const heard: string[] = [];
      const server = stage.endpoint('server', PORT);
      const text = lines.map((line) => `${line}\n`).join('');
      stage.start('server', chatServer(stage.any(PORT), assembles));
      stage.start('bob', listener(heard, server));
      stage.start('alice', speaker(inWrites(text, writes), server), { at: '10s' });
      return () => assert.deepEqual(heard, lines);
    },
  });
}

/** Does not hold. */
export const linesArrive = chat('lines arrive as they were said', false);

export const linesArriveMended = chat('lines that come in pieces are put together', true);
