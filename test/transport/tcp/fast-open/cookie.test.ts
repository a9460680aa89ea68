/** SipHash-2-4 by its paper's test vectors, and the cookies that a Linux server gives. */
import { describe, expect, it } from 'vitest';
import { IpAddress } from '../../../../src/packet/ip-address.ts';
import { fastOpenCookie } from '../../../../src/transport/tcp/fast-open/cookie.ts';
import { sipHash24 } from '../../../../src/transport/tcp/fast-open/siphash.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describe('SipHash-2-4', () => {
  it('gives the values of its paper (appendix A) for the bytes 0, 1, 2, …', () => {
    const bytes = Uint8Array.from({ length: 16 }, (_, i) => i);
    expect(sipHash24(bytes, bytes.subarray(0, 15)).map((word) => word.toString(16))).toEqual([
      '49be45e5',
      'a129ca61',
    ]);
  });
});

describe('a Fast Open cookie', () => {
  const client = IpAddress.parse('192.0.2.1');
  const server = IpAddress.parse('192.168.0.1');

  it('is what Linux makes of key and addresses', () => {
    const key = 'a1a1a1a1-b2b2b2b2-c3c3c3c3-d4d4d4d4';
    expect(hex(fastOpenCookie(key, client, server))).toBe('3021b9d889017eeb');
    expect(hex(fastOpenCookie('00000000-00000000-00000000-00000000', client, server))).toBe(
      'b7c12350a90dc8f5',
    );
  });

  it('covers all 128 bits of IPv6 addresses', () => {
    const ends = ['fd3d:fa7b:d17d::1', 'fd3d:a0b:17d6::1'].map((text) => IpAddress.parse(text));
    const cookie = (key: string) => hex(fastOpenCookie(key, ends[0]!, ends[1]!));
    expect(cookie('a1a1a1a1-b2b2b2b2-c3c3c3c3-d4d4d4d4')).toBe('c1d1e9742a47a9bc');
    expect(cookie('00000000-00000000-00000000-00000000')).toBe('82af1a8f9a205c34');
  });

  it('follows the first of two keys', () => {
    const key = '00000000-00000000-00000000-00000000,a1a1a1a1-b2b2b2b2-c3c3c3c3-d4d4d4d4';
    expect(hex(fastOpenCookie(key, client, server))).toBe('b7c12350a90dc8f5');
  });
});
