/** Echo requests and replies of either family as ping sockets see them: header objects that differ in numbers only. */
import { ICMP_ECHO, ICMP_ECHO_REPLY, IcmpMessage } from '../../network/icmp.ts';
import { ICMPV6_ECHO, ICMPV6_ECHO_REPLY, Icmpv6Message } from '../../network/icmpv6.ts';
import { type IpPacket, PROTOCOL_ICMP, PROTOCOL_ICMPV6 } from '../../network/ip-packet.ts';
import type { IpFamily } from '../../packet/ip-address.ts';
import { Payload } from '../../packet/payload.ts';
import { DecodeError } from '../../sim/errors.ts';

export type EchoMessage = IcmpMessage | Icmpv6Message;

/** The type of a request. */
export function echoRequestType(family: IpFamily): number {
  return family === 6 ? ICMPV6_ECHO : ICMP_ECHO;
}

export function echoProtocol(family: IpFamily): number {
  return family === 6 ? PROTOCOL_ICMPV6 : PROTOCOL_ICMP;
}

/** @param rest identifier and sequence number, 16 bits each */
export function echoRequest(family: IpFamily, rest: number, data: Payload): EchoMessage {
  return family === 6
    ? new Icmpv6Message(ICMPV6_ECHO, 0, rest, data)
    : new IcmpMessage(ICMP_ECHO, 0, rest, data);
}

/** The echo reply that a packet carries; null when it carries none, or bytes with a wrong checksum. */
export function echoReplyIn(packet: IpPacket): EchoMessage | null {
  const message = messageIn(packet);
  const isReply = message?.type === (packet.dst.family === 6 ? ICMPV6_ECHO_REPLY : ICMP_ECHO_REPLY);
  return isReply ? message : null;
}

function messageIn(packet: IpPacket): EchoMessage | null {
  const { payload } = packet;
  if (payload instanceof IcmpMessage || payload instanceof Icmpv6Message) return payload;
  if (!(payload instanceof Payload)) return null;
  try {
    return packet.dst.family === 6 ? Icmpv6Message.parse(payload, packet) : IcmpMessage.parse(payload);
  } catch (error) {
    if (error instanceof DecodeError) return null;
    throw error;
  }
}
