import { describe, expect, it } from 'vitest';
import { Sysctls } from '../../src/network/sysctls.ts';
import { nearest } from '../../src/sim/nearest.ts';

const TABLE = {
  'net.ipv4.ip_forward': 0,
  'net.ipv4.tcp_rmem': '4096 131072 6291456',
  'net.ipv4.ip_default_ttl': 64,
};

describe('Sysctls', () => {
  it('gives defaults, takes both spellings, and tells watchers', () => {
    const sysctls = new Sysctls([TABLE]);
    let forward = -1;
    sysctls.watch(() => {
      forward = sysctls.number('net.ipv4.ip_forward');
    });
    expect(forward).toBe(0);
    sysctls.set('net/ipv4/ip_forward', '1');
    expect(forward).toBe(1);
    expect(sysctls.numbers('net.ipv4.tcp_rmem')).toEqual([4096, 131072, 6291456]);
  });

  it('refuses unknown names with the nearest one, and words for numbers', () => {
    const sysctls = new Sysctls([TABLE]);
    expect(() => sysctls.set('net.ipv4.ip_foward', 1)).toThrow("unknown sysctl 'net.ipv4.ip_foward'");
    expect(() => sysctls.set('net.ipv4.ip_forward', 'yes')).toThrow("takes a number, not 'yes'");
    expect(() => sysctls.set('net.ipv4.ip_default_ttl', '6.4')).toThrow("takes a number, not '6.4'");
    expect(() => sysctls.number('net.ipv4.tcp_rmem')).toThrow('not a single number');
  });

  it('reads hexadecimal numbers, as the kernel does', () => {
    const sysctls = new Sysctls([TABLE]);
    sysctls.set('net.ipv4.ip_default_ttl', '0x20');
    expect(sysctls.number('net.ipv4.ip_default_ttl')).toBe(32);
  });

  it('refuses as many numbers as do not belong there, and words that are no choice', () => {
    const control = 'net.ipv4.tcp_congestion_control';
    const sysctls = new Sysctls([TABLE, { [control]: { word: 'cubic', of: ['reno', 'cubic'] } }]);
    expect(() => sysctls.set('net.ipv4.tcp_rmem', '4096 16384')).toThrow('takes 3 numbers');
    expect(() => sysctls.set('net.ipv4.tcp_rmem', 'much of it all')).toThrow('takes 3 numbers');
    sysctls.set('net.ipv4.tcp_rmem', '1 2\t3');
    expect(sysctls.numbers('net.ipv4.tcp_rmem')).toEqual([1, 2, 3]);
    expect(sysctls.text(control)).toBe('cubic');
    expect(() => sysctls.set(control, 'bbr')).toThrow("has no choice 'bbr'");
    sysctls.set(control, 'reno');
    expect(sysctls.text(control)).toBe('reno');
  });
});

describe('nearest', () => {
  it('finds slips of the pen and nothing far-fetched', () => {
    expect(nearest('dealy', ['delay', 'rate', 'queue'])).toBe('delay');
    expect(nearest('losss', ['loss', 'duplicate'])).toBe('loss');
    expect(nearest('Queue', ['queue'])).toBe('queue');
    expect(nearest('banana', ['delay', 'rate', 'queue'])).toBe(null);
  });
});
