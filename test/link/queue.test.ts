/** The drop-tail queue at its limits: what just fits stays, in its order; what does not is refused. */
import { expect, it } from 'vitest';
import { DropTailQueue } from '../../src/link/queue.ts';
import { frame } from './support.ts';

const HEADER = 14;

/** A frame of so many bytes. */
const sized = (bytes: number) => frame(1, 2, bytes - HEADER);

it('holds as many bytes as its limit says, to the last one', () => {
  const queue = new DropTailQueue({ bytes: 300 });
  expect([sized(100), sized(200), sized(14)].map((frame) => queue.enqueue(frame))).toEqual([
    true,
    true,
    false,
  ]);
  expect(queue.bytes).toBe(300);
  queue.dequeue();
  expect(queue.enqueue(sized(100))).toBe(true);
  expect([queue.packets, queue.bytes]).toEqual([2, 300]);
});

it('keeps the order when it grows in the middle of its ring', () => {
  const queue = new DropTailQueue({ packets: 40 });
  const frames = Array.from({ length: 60 }, (_, i) => sized(60 + i));
  for (const frame of frames.slice(0, 8)) queue.enqueue(frame);
  const out = [queue.dequeue(), queue.dequeue(), queue.dequeue()];
  const taken = frames.slice(8).filter((frame) => queue.enqueue(frame));
  expect(taken).toHaveLength(35);
  for (let frame = queue.dequeue(); frame !== null; frame = queue.dequeue()) out.push(frame);
  expect(out).toEqual(frames.slice(0, 43));
});
