/** The kinds of fields that headers have: numbers and words, addresses, payloads; how users write them. */
import { IpAddress } from '../../packet/ip-address.ts';
import { MacAddress } from '../../packet/mac-address.ts';
import { Payload } from '../../packet/payload.ts';
import { bytesOf, type Pdu } from '../../packet/pdu.ts';
import type { Field, PacketView } from './matcher.ts';

type Plain = number | string | boolean | null;

/** Compared as it is. */
export function value<Header, T extends Plain>(
  read: (header: Header, packet: PacketView) => T,
): Field<Header, T> {
  return { read, matches: (found, wanted) => found === wanted, show: String };
}

/** An IP address in any notation: `::ffff:10.0.0.1` is `::ffff:a00:1`. Conditions get the text. */
export function ipAddress<Header>(
  read: (header: Header, packet: PacketView) => IpAddress | null,
): Field<Header, string, string | IpAddress> {
  return {
    read: (header, packet) => String(read(header, packet) ?? 'none'),
    matches: (found, wanted) =>
      found === String(typeof wanted === 'string' ? IpAddress.parse(wanted) : wanted),
    show: String,
  };
}

/** A MAC address in any case of letters. Conditions get the text. */
export function macAddress<Header>(
  read: (header: Header, packet: PacketView) => MacAddress | null,
): Field<Header, string, string | MacAddress> {
  return {
    read: (header, packet) => String(read(header, packet) ?? 'none'),
    matches: (found, wanted) =>
      found === String(typeof wanted === 'string' ? MacAddress.parse(wanted) : wanted),
    show: String,
  };
}

/** Bytes that are carried: given as a text (UTF-8) or as bytes. Conditions get the bytes. */
export function payload<Header>(
  read: (header: Header, packet: PacketView) => Pdu,
): Field<Header, Uint8Array, string | Uint8Array | Payload> {
  return {
    read: (header, packet) => viewOfBytes(read(header, packet)),
    matches: (found, wanted) => sameBytes(found, toBytes(wanted)),
    show: (written) => bytesText(toBytes(written)),
  };
}

function toBytes(written: string | Uint8Array | Payload): Uint8Array {
  if (typeof written === 'string') return new TextEncoder().encode(written);
  return written instanceof Payload ? written.view() : written;
}

function viewOfBytes(pdu: Pdu): Uint8Array {
  return pdu instanceof Payload ? pdu.view() : bytesOf(pdu);
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** More would hide the other fields. */
const SHOWN = 32;

/** As text where it is printable, else as hexadecimal digits; long ones are cut. */
function bytesText(bytes: Uint8Array): string {
  if (bytes.length === 0) return 'nothing';
  const head = bytes.subarray(0, SHOWN);
  const isText = head.every((byte) => byte === 10 || byte === 13 || (byte >= 32 && byte < 127));
  const shown = isText
    ? JSON.stringify(String.fromCharCode(...head))
    : Array.from(head, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
  return bytes.length > SHOWN ? `${shown}... (${bytes.length} bytes)` : shown;
}
