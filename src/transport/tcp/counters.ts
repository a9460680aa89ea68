/** What TCP_INFO shows of the past of one connection. */
import type { Nanos } from '../../sim/time.ts';

export class Counters {
  delivered = 0;
  deliveredCe = 0;
  deliveredAt: Nanos = 0;
  firstSentAt: Nanos = 0;
  lost = 0;
  appLimited = 0;
  rateDelivered = 0;
  rateInterval: Nanos = 0;
  isRateAppLimited = true;
  segsIn = 0;
  segsOut = 0;
  dataSegsIn = 0;
  dataSegsOut = 0;
  bytesReceived = 0;
  bytesAcked = 0;
  bytesSent = 0;
  bytesRetrans = 0;
  totalRetrans = 0;
  dsackDups = 0;
  lastDataSentAt: Nanos = 0;
  lastAckReceivedAt: Nanos = 0;
  /** Segments that arrived out of order. */
  outOfOrder = 0;
  /** Retransmission timeouts: each chooses another path where there are several. */
  rehashes = 0;
  /** Chronograph: what holds the flow back, since when, and the spans so far. */
  chrono: 'none' | 'busy' | 'rwnd' | 'sndbuf' = 'none';
  chronoSince: Nanos = 0;
  busy: Nanos = 0;
  rwndLimited: Nanos = 0;
  sndbufLimited: Nanos = 0;
}
