/**
 * Every requirement of RFC 9293 (its Appendix B, by the RFC's numbers, in our words), and the tests that show it; or why
 * there is none. `requirements.test.ts` holds this table against the files, and the page that is made of it.
 */

/** A test by its file and name, or a script. */
export interface Evidence {
  readonly file: string;
  /** The name of the test; null for a script, which is one. */
  readonly test: string | null;
}

export interface Requirement {
  /** `MUST-13`: unique. */
  readonly id: string;
  readonly text: string;
  readonly shownBy: readonly Evidence[];
  /** Why nothing shows it; null when something does. */
  readonly leftOut: string | null;
}

export interface Chapter {
  readonly title: string;
  readonly requirements: readonly Requirement[];
}

const REQUIREMENTS = 'test/transport/tcp/requirements.test.ts';
const SEGMENT_ARRIVES = 'test/transport/tcp/segment-arrives.test.ts';
const HEADERS = 'test/transport/tcp/header.prop.test.ts';
const CONNECTION = 'test/transport/tcp/connection.test.ts';
const HOST = 'test/rfc/host.test.ts';
const ACCEPTANCE = 'test/sockets/acceptance-tcp.test.ts';

export const RFC9293: readonly Chapter[] = [
  {
    title: 'Window',
    requirements: [
      shown(
        'MUST-1',
        'The window is an unsigned number',
        test(REQUIREMENTS, 'is an unsigned number: 65535 offered are 65535 that may be sent'),
      ),
      shown(
        'SHLD-14',
        'A receiver does not shrink its window',
        test(REQUIREMENTS, 'never moves its right edge to the left'),
      ),
      shown(
        'SHLD-15',
        'With a shrunken window no new data is sent',
        test(
          REQUIREMENTS,
          'may be taken back: what was sent beyond its edge stays in flight, nothing new goes, and the stream survives',
        ),
      ),
      shown(
        'SHLD-16',
        'Old data within the shrunken window is retransmitted',
        test(
          REQUIREMENTS,
          'may be taken back: what was sent beyond its edge stays in flight, nothing new goes, and the stream survives',
        ),
      ),
      shown(
        'SHLD-17',
        'Data beyond the shrunken edge alone does not end the connection',
        test(
          REQUIREMENTS,
          'may be taken back: what was sent beyond its edge stays in flight, nothing new goes, and the stream survives',
        ),
      ),
      shown(
        'MUST-34',
        'A sender survives a shrinking window',
        test(
          REQUIREMENTS,
          'may be taken back: what was sent beyond its edge stays in flight, nothing new goes, and the stream survives',
        ),
      ),
      leftOut(
        'MAY-7',
        'Retransmit data beyond the shrunken edge',
        'Linux retransmits within the window only.',
      ),
      shown(
        'MAY-8',
        'A receiver may keep its window closed for ever',
        test(REQUIREMENTS, 'may stay closed for hours while its probes are answered'),
      ),
      shown('MUST-35', 'Closed windows are probed', script('persist/backoff_doubles.pkt')),
      shown('MUST-36', 'A sender probes a closed window', script('persist/backoff_doubles.pkt')),
      shown(
        'SHLD-29',
        'The first probe comes one RTO after the window closed',
        script('persist/backoff_doubles.pkt'),
      ),
      shown('SHLD-30', 'The gaps between probes double', script('persist/backoff_doubles.pkt')),
      shown(
        'MUST-37',
        'Probing goes on while the probes are answered',
        test(REQUIREMENTS, 'may stay closed for hours while its probes are answered'),
      ),
      shown(
        'MUST-66',
        'RST and URG count even with a closed window',
        test(REQUIREMENTS, 'when closed still lets RST and URG in'),
      ),
      shown(
        'REC-1',
        'Windows are kept as numbers of 32 bits or more',
        script('window/synack_window_unscaled.pkt'),
        test(CONNECTION, 'moves a megabyte'),
      ),
    ],
  },
  {
    title: 'Pushing',
    requirements: [
      leftOut(
        'MAY-15',
        'SEND can ask for a push',
        'POSIX has no such flag; every write ends with a push, as on Linux.',
      ),
      shown(
        'MUST-60',
        'Without that flag, data is not kept back for ever',
        test(REQUIREMENTS, 'sets PSH at the end of a write, and keeps nothing back for want of one'),
      ),
      shown(
        'MUST-61',
        'Without that flag, the last segment of the queue has PSH',
        test(REQUIREMENTS, 'sets PSH at the end of a write, and keeps nothing back for want of one'),
      ),
      shown('MAY-16', 'Data without a push may be collected', script('nagle/cork_holds_and_releases.pkt')),
      leftOut(
        'MAY-17',
        'The receiver is told of a push',
        'POSIX has no such notice; PSH only hastens the ACK.',
      ),
      shown(
        'SHLD-27',
        'Successive pushes are collapsed when data is packed into segments',
        script('nagle/full_segment_goes.pkt'),
      ),
      shown(
        'SHLD-28',
        'Segments are as large as possible',
        test(REQUIREMENTS, 'take room from the segments: 1448 bytes beside timestamps'),
      ),
    ],
  },
  {
    title: 'Urgent data',
    requirements: [
      shown(
        'MUST-30',
        'Urgent data is supported',
        test(SEGMENT_ARRIVES, 'sixth: the urgent byte is taken out of the stream'),
        script('urgent/send.pkt'),
      ),
      shown('MUST-62', 'The pointer is the first octet behind the urgent ones', script('urgent/send.pkt')),
      shown(
        'MUST-31',
        'Urgent data may be of any length',
        test(REQUIREMENTS, 'may be of any length, and the pointer says where it ends'),
      ),
      shown(
        'MUST-32',
        'The user is told of urgent data (POLLPRI)',
        test(SEGMENT_ARRIVES, 'sixth: the urgent byte is taken out of the stream'),
      ),
      shown('MUST-33', 'The user can learn whether urgent data is still ahead', script('urgent/at_mark.pkt')),
      leftOut(
        'SHLD-13',
        'New programs do without urgent data',
        'For programs; none of those that come with the simulator uses it.',
      ),
    ],
  },
  {
    title: 'Options',
    requirements: [
      shown(
        'MUST-4',
        'End of list, no-operation and MSS are known',
        test(HEADERS, 'come back from bytes as they were'),
        test(REQUIREMENTS, 'are read wherever they begin, and end at EOL'),
      ),
      shown('MUST-5', 'Options may come in any segment', test(HEADERS, 'come back from bytes as they were')),
      shown(
        'MUST-6',
        'Unknown options are ignored',
        test(HEADERS, 'keep options of unknown kind, and stop at a broken length'),
      ),
      shown(
        'MUST-68',
        'All options but two have a length',
        test(HEADERS, 'keep options of unknown kind, and stop at a broken length'),
      ),
      shown(
        'MUST-7',
        'A wrong length does no harm',
        test(HEADERS, 'keep options of unknown kind, and stop at a broken length'),
        test(HEADERS, 'never fail with anything but DecodeError, whatever the bytes'),
      ),
      shown(
        'MUST-64',
        'Options need no alignment',
        test(REQUIREMENTS, 'are read wherever they begin, and end at EOL'),
      ),
      shown(
        'MUST-69',
        'Behind an end of list there are zeros',
        test(
          REQUIREMENTS,
          'are padded to whole words with NOPs: an EOL, and so anything behind it, is never sent',
        ),
      ),
      shown(
        'MUST-14',
        'MSS is sent and understood',
        test(REQUIREMENTS, 'announce an MSS of the MTU less 40 bytes in every SYN, and in nothing else'),
        script('mss/maxseg_option_connect.pkt'),
      ),
      shown(
        'SHLD-5',
        'MSS is sent when it is not the default',
        test(REQUIREMENTS, 'announce an MSS of the MTU less 40 bytes in every SYN, and in nothing else'),
      ),
      shown(
        'MAY-3',
        'MSS is sent always',
        test(REQUIREMENTS, 'announce an MSS of the MTU less 40 bytes in every SYN, and in nothing else'),
      ),
      shown(
        'MUST-15',
        'Without MSS, 536 bytes for IPv4',
        test(REQUIREMENTS, 'without an MSS leave segments of 536 bytes'),
        script('mss/default_536.pkt'),
      ),
      shown(
        'MUST-16',
        'The size of segments takes MSS, MTU and options into account',
        test(REQUIREMENTS, 'take room from the segments: 1448 bytes beside timestamps'),
        script('mss/maxseg_option_listener.pkt'),
      ),
      shown('SHLD-6', 'MSS follows a changing MTU', script('pmtu/floor_552.pkt')),
      shown(
        'MUST-65',
        'MSS comes in SYNs only',
        test(REQUIREMENTS, 'announce an MSS of the MTU less 40 bytes in every SYN, and in nothing else'),
      ),
      shown(
        'MUST-67',
        'MSS is what IP can take in, less 20 bytes',
        test(REQUIREMENTS, 'announce an MSS of the MTU less 40 bytes in every SYN, and in nothing else'),
      ),
    ],
  },
  {
    title: 'Checksums',
    requirements: [
      shown(
        'MUST-2',
        'Segments are sent with a checksum',
        test(HEADERS, 'come back from bytes as they were'),
      ),
      shown(
        'MUST-3',
        'Segments with a wrong checksum are refused',
        test(HEADERS, 'with one flipped bit are refused'),
      ),
    ],
  },
  {
    title: 'Initial sequence numbers',
    requirements: [
      shown('MUST-8', 'They follow a clock', test(REQUIREMENTS, 'of one name follow a clock')),
      shown(
        'SHLD-1',
        'A keyed hash of the name is added',
        test(REQUIREMENTS, 'of different names, or with another secret, have nothing to do with each other'),
      ),
      shown(
        'MUST-9',
        'The hash cannot be computed from outside',
        test(REQUIREMENTS, 'of different names, or with another secret, have nothing to do with each other'),
      ),
    ],
  },
  {
    title: 'Opening connections',
    requirements: [
      shown(
        'MUST-10',
        'Simultaneous open',
        script('open/simultaneous_open.pkt'),
        test(SEGMENT_ARRIVES, 'fourth: a SYN alone is a simultaneous open'),
      ),
      shown(
        'MUST-11',
        'SYN-RECEIVED remembers where it came from',
        test(REQUIREMENTS, 'remembers an active open: a RST in SYN-RECEIVED tells the user'),
        script('open/reset_in_syn_received.pkt'),
      ),
      shown(
        'MUST-41',
        'A passive open does not disturb connections',
        test(ACCEPTANCE, 'T18 so does a live connection after its listener has closed'),
        script('open/reset_in_syn_received.pkt'),
      ),
      shown(
        'MUST-42',
        'Several listeners of one port at a time',
        test(ACCEPTANCE, 'T12 to the listener on the address before the one on the wildcard, groups or not'),
      ),
      shown(
        'MUST-43',
        'OPEN takes a local address',
        test(HOST, 'takes its source address from the route, or from bind()'),
      ),
      shown(
        'MUST-44',
        'IP chooses the source address of a SYN',
        test(HOST, 'takes its source address from the route, or from bind()'),
      ),
      shown(
        'MUST-45',
        'Later segments have the address of the connection',
        test(HOST, 'keeps its source address in all segments'),
      ),
      shown(
        'MUST-46',
        'OPEN to a broadcast or multicast address fails',
        test(HOST, 'to a broadcast or multicast address is refused'),
      ),
      shown(
        'MUST-57',
        'A SYN to a broadcast or multicast address is dropped',
        test(HOST, 'to a broadcast or multicast address is dropped without a word'),
      ),
      shown(
        'MUST-63',
        'A SYN from an invalid address is dropped (from the broadcast address of a subnet only with rp_filter, as on Linux)',
        test(HOST, 'from the broadcast or a multicast address is dropped without a word'),
      ),
    ],
  },
  {
    title: 'Closing connections',
    requirements: [
      shown('SHLD-2', 'RST may carry data', test(REQUIREMENTS, 'with data resets as one without')),
      shown(
        'MUST-12',
        'The user learns that its connection was aborted',
        script('errors/reset_wakes_reader.pkt'),
        script('rst/exact_sequence.pkt'),
      ),
      shown(
        'MAY-1',
        'Half-duplex close',
        test(SEGMENT_ARRIVES, 'close with unread data resets (RFC 2525 2.17)'),
      ),
      shown(
        'SHLD-3',
        'Lost data after a half-duplex close draws a RST',
        test(SEGMENT_ARRIVES, 'data for a program that has closed is answered with RST (RFC 1122 4.2.2.13)'),
        script('close/unread_data_resets.pkt'),
      ),
      shown(
        'MUST-13',
        'TIME-WAIT lasts for 2 MSL',
        test(REQUIREMENTS, 'waits for 60 seconds, twice the MSL of Linux, in TIME-WAIT'),
      ),
      shown('MAY-2', 'A SYN may reopen TIME-WAIT', script('timewait/syn_higher_seq_reopens.pkt')),
      shown('SHLD-4', 'Timestamps help to shorten TIME-WAIT', script('timewait/syn_old_timestamp_acked.pkt')),
    ],
  },
  {
    title: 'Retransmission',
    requirements: [
      shown(
        'MUST-19',
        'Exponential backoff, slow start, congestion avoidance',
        test(REQUIREMENTS, 'backs off, and ends the connection after tcp_retries2'),
        test(REQUIREMENTS, 'slow start doubles, congestion avoidance adds one segment per round trip'),
      ),
      shown(
        'MUST-18',
        "Karn's algorithm",
        test(REQUIREMENTS, 'gives no RTT sample without timestamps (Karn)'),
      ),
      leftOut(
        'MAY-4',
        'Retransmissions keep the IP identification',
        'Each packet gets its own, as on Linux.',
      ),
      shown('MAY-18', 'Other congestion control', script('cc/cubic_after_rto.pkt')),
      shown('SHLD-8', 'ECN', script('ecn/ce_echoed_until_cwr.pkt'), script('ecn/ece_reduces_cwnd.pkt')),
    ],
  },
  {
    title: 'Acknowledging',
    requirements: [
      shown(
        'MUST-58',
        'ACKs are aggregated',
        test(REQUIREMENTS, 'speaks once for all that a filled hole made complete'),
      ),
      shown(
        'MUST-59',
        'What waits is processed before an ACK is sent',
        test(REQUIREMENTS, 'speaks once for all that a filled hole made complete'),
      ),
      shown(
        'SHLD-31',
        'Data out of order waits for what is missing',
        test(SEGMENT_ARRIVES, 'seventh: data in order is delivered, data beyond a hole waits for it'),
      ),
      shown(
        'MAY-13',
        'Data out of order is acknowledged at once',
        script('delack/duplicate_immediate.pkt'),
        script('sack/adjacent_blocks_merge.pkt'),
      ),
      shown('SHLD-18', 'ACKs are delayed', script('delack/interactive_40ms.pkt')),
      shown('MUST-40', 'By less than half a second', script('delack/interactive_40ms.pkt')),
      shown(
        'SHLD-19',
        'At least every second full segment is acknowledged',
        test(REQUIREMENTS, 'comes for every second full segment at the latest'),
      ),
      shown(
        'MUST-39',
        'The receiver avoids silly windows',
        test(
          REQUIREMENTS,
          'is not opened by crumbs: reading byte by byte draws no update until a segment fits',
        ),
      ),
    ],
  },
  {
    title: 'Sending',
    requirements: [
      shown(
        'MUST-38',
        'The sender avoids silly windows',
        script('window/small_peer_window_halved.pkt'),
        script('nagle/full_segment_goes.pkt'),
      ),
      shown('SHLD-7', 'Nagle', script('nagle/full_segment_goes.pkt')),
      shown('MUST-17', 'The user can switch Nagle off', script('nagle/nodelay_flushes_pending.pkt')),
      shown('MUST-49', 'The TTL can be chosen', test(HOST, 'sends with the TTL that the user sets')),
    ],
  },
  {
    title: 'Failing connections',
    requirements: [
      shown(
        'MUST-20',
        'R1 warns IP, R2 ends the connection',
        test(REQUIREMENTS, 'backs off, and ends the connection after tcp_retries2'),
      ),
      shown('MUST-21', 'The user can set R2', script('rto/user_timeout.pkt')),
      leftOut(
        'SHLD-9',
        'The user is told between R1 and R2',
        'Linux tells the user nothing before the end; TCP_INFO shows the retransmissions.',
      ),
      leftOut(
        'SHLD-10',
        'R1 is 3 retransmissions',
        'tcp_retries1 is 3 by default; its warning to IP has no effect that could be seen, unless MTU probing is on.',
      ),
      shown(
        'SHLD-11',
        'R2 is 100 seconds or more',
        test(REQUIREMENTS, 'backs off, and ends the connection after tcp_retries2'),
      ),
      shown(
        'MUST-22',
        'SYNs are treated likewise',
        test(REQUIREMENTS, 'sends SYNs again with growing gaps, and gives up'),
        script('open/syncnt_blocking_connect.pkt'),
      ),
      leftOut(
        'MUST-23',
        'R2 for a SYN is 3 minutes or more',
        "The default is Linux's: shorter; tcp_syn_retries raises it, which a test shows.",
      ),
    ],
  },
  {
    title: 'Keep-alives',
    requirements: [
      shown('MAY-5', 'There are keep-alives', script('keepalive/answered_probe_rearms.pkt')),
      shown('MUST-24', 'The user switches them on', script('keepalive/answered_probe_rearms.pkt')),
      shown(
        'MUST-25',
        'They are off by default',
        test(REQUIREMENTS, 'are off: an idle connection says nothing for a day'),
      ),
      shown('MUST-26', 'They are sent in silence only', script('keepalive/answered_probe_rearms.pkt')),
      shown('MUST-27', 'The interval can be set', script('keepalive/answered_probe_rearms.pkt')),
      shown(
        'MUST-28',
        'It is two hours by default',
        test(REQUIREMENTS, 'begin after two hours, carry no data, and outlive a lost answer'),
      ),
      shown(
        'MUST-29',
        'One lost answer does not end a connection',
        test(REQUIREMENTS, 'begin after two hours, carry no data, and outlive a lost answer'),
      ),
      shown(
        'SHLD-12',
        'They carry no data',
        test(REQUIREMENTS, 'begin after two hours, carry no data, and outlive a lost answer'),
      ),
      leftOut(
        'MAY-6',
        'They may carry an octet of garbage',
        'Linux never sends one; a received one is answered.',
      ),
    ],
  },
  {
    title: 'IP options',
    requirements: [
      shown(
        'MUST-50',
        'Unknown IP options are ignored',
        test(HOST, 'is answered, with IP options that nobody understands or without'),
      ),
      leftOut('MAY-10', 'Timestamp option', 'No use for TCP on Linux either.'),
      leftOut('MAY-11', 'Record route option', 'No use for TCP on Linux either.'),
      leftOut(
        'MUST-51',
        'The user can give a source route',
        'There is no socket option IP_OPTIONS; Linux itself refuses source-routed packets by default (accept_source_route).',
      ),
      leftOut('MUST-52', 'It goes before that of a received packet', 'See MUST-51.'),
      leftOut('MUST-53', 'Answers take the reversed route', 'See MUST-51.'),
      leftOut('SHLD-24', 'A later route replaces an earlier one', 'See MUST-51.'),
    ],
  },
  {
    title: 'ICMP',
    requirements: [
      shown(
        'MUST-54',
        'ICMP errors reach their connection',
        script('icmp/soft_error_reported_at_timeout.pkt'),
        script('icmp/host_unreachable_syn_sent.pkt'),
      ),
      shown('MUST-55', 'Source quench is dropped', script('icmp/source_quench_ignored.pkt')),
      shown(
        'MUST-56',
        'Soft errors do not end a connection',
        script('icmp/soft_error_reported_at_timeout.pkt'),
        script('icmp/hard_error_established_ignored.pkt'),
      ),
      shown('SHLD-25', 'The user learns of soft errors', script('icmp/soft_error_reported_at_timeout.pkt')),
      leftOut(
        'SHLD-26',
        'Hard errors end a connection',
        'As Linux and RFC 5461 do, only before it is established: icmp/hard_error_established_ignored.pkt.',
      ),
    ],
  },
  {
    title: 'User interface',
    requirements: [
      shown(
        'MUST-47',
        'Errors are reported',
        script('errors/so_error_is_consumed.pkt'),
        script('icmp/soft_error_reported_at_timeout.pkt'),
      ),
      leftOut(
        'SHLD-20',
        'Reports can be switched off',
        'POSIX reports with calls that fail, and with SO_ERROR; whoever does not ask is not told.',
      ),
      shown(
        'MUST-48',
        'The user sets the Differentiated Services field',
        test(HOST, 'sends with the Differentiated Services field that the user sets, also in mid-connection'),
      ),
      shown(
        'SHLD-21',
        'It can change in mid-connection',
        test(HOST, 'sends with the Differentiated Services field that the user sets, also in mid-connection'),
      ),
      shown(
        'SHLD-22',
        'It is passed to IP as it is',
        test(HOST, 'sends with the Differentiated Services field that the user sets, also in mid-connection'),
      ),
      leftOut('SHLD-23', 'Programs leave it alone in mid-connection', 'For programs.'),
      leftOut('MAY-9', 'The received field is passed to the user', 'No IP_RECVTOS yet.'),
      leftOut('MAY-14', 'FLUSH', 'POSIX has no such call.'),
    ],
  },
  {
    title: 'Attacks',
    requirements: [
      shown(
        'MAY-12',
        'Injected data is refused (RFC 5961)',
        test(SEGMENT_ARRIVES, 'fifth: an ACK far below SND.UNA is not believed (RFC 5961 5.2)'),
        test(SEGMENT_ARRIVES, 'second: a RST elsewhere in the window draws a challenge ACK (RFC 5961 3.2)'),
      ),
    ],
  },
];

function shown(id: string, text: string, ...shownBy: readonly Evidence[]): Requirement {
  return { id, text, shownBy, leftOut: null };
}

function leftOut(id: string, text: string, reason: string): Requirement {
  return { id, text, shownBy: [], leftOut: reason };
}

function test(file: string, name: string): Evidence {
  return { file, test: name };
}

function script(name: string): Evidence {
  return { file: `test/packetdrill/own/${name}`, test: null };
}
