/** The filter language: what is read, and where mistakes are found. */
import { describe, expect, it } from 'vitest';
import { TextError } from '../../../src/scenario/document/text-error.ts';
import { parseFilter } from '../../../src/scenario/filter/parse.ts';

describe('a filter', () => {
  it('binds not, then and, then or', () => {
    const protocol = (word: string) => ({ kind: 'protocol', protocol: word });
    expect(parseFilter('not tcp and udp or arp').root).toEqual({
      kind: 'or',
      left: { kind: 'and', left: { kind: 'not', of: protocol('tcp') }, right: protocol('udp') },
      right: protocol('arp'),
    });
    expect(parseFilter('not (tcp or udp)').root).toEqual({
      kind: 'not',
      of: { kind: 'or', left: protocol('tcp'), right: protocol('udp') },
    });
  });

  it('may leave out and', () => {
    expect(parseFilter('tcp port 80').root).toEqual(parseFilter('tcp and port 80').root);
  });

  it.each([
    ['src host client', { kind: 'host', side: 'src', host: 'client', address: null, zone: null }],
    ['dst port 80', { kind: 'port', side: 'dst', first: 80, last: 80 }],
    ['portrange 6000-6010', { kind: 'port', side: 'either', first: 6000, last: 6010 }],
    ['flags S.', { kind: 'flags', set: 0x12, exact: true }],
    ['flags +F', { kind: 'flags', set: 0x01, exact: false }],
    ['length >= 100', { kind: 'compare', quantity: 'length', comparison: '>=', value: 100 }],
    ['ttl=1', { kind: 'compare', quantity: 'ttl', comparison: '=', value: 1 }],
    ['vlan', { kind: 'vlan', vlan: null }],
    ['vlan 10', { kind: 'vlan', vlan: 10 }],
    ['contains "GET /"', { kind: 'contains', text: 'GET /' }],
  ])('reads %s', (text, node) => {
    expect(parseFilter(text).root).toEqual(node);
  });

  it.each([
    ['', 0, 'the filter is empty'],
    ['tcp and', 7, 'the filter ends too early'],
    ['tcp and prot 80', 8, "unknown filter word 'prot'"],
    ['port http', 5, "'http' is not a port"],
    ['port 65536', 5, "'65536' is not a port"],
    ['host 10.0.0.300', 5, "'10.0.0.300' is not an IPv4 address"],
    ['net 10.0.0.0', 4, "'10.0.0.0' is not an address with a prefix length"],
    ['(tcp', 4, 'the filter ends too early'],
    ['tcp)', 3, "')' cannot stand here"],
    ['flags SX', 7, "unknown flag 'X'"],
    ['ttl 5', 4, "'5' cannot stand here"],
    ['contains GET', 9, "'GET' cannot stand here"],
    ['contains "GET', 9, 'the string has no end'],
    ['src tcp', 4, "'tcp' cannot stand here"],
    [`${'('.repeat(60)}tcp`, 50, 'the filter is nested too deeply'],
  ])('refuses %s', (text, offset, message) => {
    expect(errorOf(text)).toMatchObject({ offset, message });
  });

  it('finds the word that was meant', () => {
    expect(errorOf('tcp and prot 80')?.suggestion).toBe('port');
  });
});

function errorOf(text: string): TextError | null {
  try {
    parseFilter(text);
    return null;
  } catch (error) {
    if (error instanceof TextError) return error;
    throw error;
  }
}
