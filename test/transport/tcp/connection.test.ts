import { describe, expect, it } from 'vitest';
import { Pair, pattern } from './pair.ts';

describe('a connection', () => {
  it('opens with three segments', () => {
    const pair = new Pair().establish();
    expect(pair.sent.map((entry) => pair.describe(entry))).toEqual([
      'S 0:0(0)',
      'S. 0:0(0) ack 1',
      '. 1:1(0) ack 1',
    ]);
  });

  it('carries bytes both ways', () => {
    const pair = new Pair().establish();
    expect(pair.do(() => pair.client.connection.write(pattern(1000)))).toBe(1000);
    pair.run(100);
    expect(pair.server.readAll()).toEqual(pattern(1000).view());
    pair.do(() => pair.server.connection.write(pattern(5000)));
    pair.run(200);
    expect(pair.client.readAll()).toEqual(pattern(5000).view());
  });

  it('closes through FIN-WAIT and TIME-WAIT', () => {
    const pair = new Pair().establish();
    pair.do(() => pair.client.connection.close());
    pair.run(100);
    expect(pair.client.connection.state).toBe('CLOSED');
    expect(pair.client.timeWait?.substate).toBe('FIN-WAIT-2');
    expect(pair.server.connection.state).toBe('CLOSE-WAIT');
    pair.do(() => pair.server.connection.close());
    pair.run(100);
    expect(pair.server.connection.state).toBe('CLOSED');
    expect(pair.client.timeWait?.substate).toBe('TIME-WAIT');
  });

  it('moves a megabyte', () => {
    const pair = new Pair().establish();
    const total = 1_000_000;
    let written = 0;
    let read = 0;
    const fill = () => {
      while (written < total) {
        const n = pair.client.connection.write(pattern(Math.min(8192, total - written), written));
        if (n < 0) break;
        written += n;
      }
      if (written === total) pair.client.connection.shutdownWrite();
    };
    pair.client.whenWritable = fill;
    pair.server.whenReadable = () => {
      read += pair.server.readAll().length;
    };
    pair.do(fill);
    pair.run(10_000);
    expect(read).toBe(total);
    expect(pair.server.connection.state).toBe('CLOSE-WAIT');
  });
});
