/** Relations that do not hold say so: each of these programs knows something that it must not. */
import { describe, expect, it } from 'vitest';
import { IpAddress } from '../../../src/packet/ip-address.ts';
import { Payload } from '../../../src/packet/payload.ts';
import type { ScenarioInput } from '../../../src/scenario/schema/scenario.ts';
import type { Socket } from '../../../src/sockets/api.ts';
import { accept, connect, recv, sendAll } from '../../../src/sockets/blocking.ts';
import type { Program } from '../../../src/sockets/program.ts';
import { checkRelations, judgeRelation, type Relation } from '../../../src/testing/relations/relation.ts';
import { RENAMING } from '../../../src/testing/relations/renaming.ts';
import { OTHER_SEQUENCE_NUMBERS, TWO_HALVES } from '../../../src/testing/relations/same-run.ts';
import { SPLIT_LINK } from '../../../src/testing/relations/split-link.ts';
import { TIME_SHIFT } from '../../../src/testing/relations/time-shift.ts';
import { writesOf } from '../../../src/testing/relations/write-sizes.ts';
import { EXCHANGE } from '../packets/exchange.ts';

const SERVER = { address: IpAddress.parse('10.0.0.1'), port: 7 };

/** Reads once and believes that this is the whole message. */
const hasty: Program = function* (context) {
  const listener = context.process.socket('tcp') as Socket;
  listener.bind(SERVER);
  listener.listen(1);
  const connection = (yield* accept(listener)) as Socket;
  const got = yield* recv(connection, 100);
  return typeof got !== 'number' && got.data.size === 7 ? 0 : 1;
};

const polite: Program = function* (context) {
  const socket = context.process.socket('tcp') as Socket;
  yield* connect(socket, SERVER);
  yield* sendAll(socket, Payload.text('message'));
  socket.close();
  return 0;
};

const HASTY: ScenarioInput = {
  ...EXCHANGE,
  until: '10s',
  programs: {
    hasty: { host: 'server', run: hasty },
    polite: { host: 'client', start: '1ms', run: polite },
  },
};

describe('relations', () => {
  it('find a program that takes a read for a message', () => {
    checkRelations(HASTY, [writesOf(7)]);
    expect(() => checkRelations(HASTY, [writesOf(3)])).toThrow(
      /^writes of 3 bytes changes 'an exchange'\n {2}a stream has no boundaries.*\n(.*\n)* {2}programs differ.*\n {4}- hasty: exited 0\n(.*\n)* {4}\+ hasty: exited 1/,
    );
  });

  it('say why they do not apply', () => {
    expect(judgeRelation(writesOf(3), EXCHANGE)).toEqual({
      applies: false,
      because: "'httpd' is a list of calls, and means what each recv() of a stream gives",
    });
    expect(judgeRelation(RENAMING, HASTY)).toMatchObject({
      because: expect.stringContaining('is a function'),
    });
    expect(judgeRelation(SPLIT_LINK, EXCHANGE)).toMatchObject({ applies: false });
  });

  it.each<[string, Relation, (variant: ReturnType<Relation['variant']>) => ReturnType<Relation['variant']>]>([
    [
      'a stop in the middle that loses the rest',
      TWO_HALVES,
      (variant) => ({
        ...variant,
        scenario: { ...variant.scenario, until: 120_000_000 },
      }),
    ],
    ['a shift that is not the one that was said', TIME_SHIFT, (variant) => ({ ...variant, shift: 1 })],
    ['names that are not translated back', RENAMING, ({ nameBack, ...variant }) => variant],
    [
      'numbers that end a connection',
      OTHER_SEQUENCE_NUMBERS[0]!,
      (variant) => ({
        ...variant,
        prepare: (run) => run.network.host('server').crash(),
      }),
    ],
  ])('notice %s', (_, relation, spoil) => {
    const spoilt = {
      ...relation,
      variant: (...given: Parameters<Relation['variant']>) => spoil(relation.variant(...given)),
    };
    expect(judgeRelation(relation, EXCHANGE)).toEqual({ applies: true, differences: [] });
    const verdict = judgeRelation(spoilt, EXCHANGE);
    expect(verdict.applies && verdict.differences.length).toBeGreaterThan(0);
  });
});
