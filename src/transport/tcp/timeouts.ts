/** A deadline has come: which timer was it, and whose business is it? */
import { ETIMEDOUT } from '../../network/errno.ts';
import { onAckTimeout, onCompressedAckTimeout } from './acknowledge.ts';
import { sendSynAck } from './handshake.ts';
import { onKeepaliveTimeout } from './keepalive.ts';
import { finish } from './lifecycle.ts';
import { sendLossProbe } from './loss-probe.ts';
import { onPersistTimeout } from './persist.ts';
import { onReorderTimeout } from './reorder-timeout.ts';
import { onRetransmissionTimeout } from './retransmission-timeout.ts';
import { powerOfTwo } from './retransmit-timer.ts';
import { TIMEOUT_INIT } from './rtt.ts';
import type { Tcb } from './tcb.ts';

/** Runs every timer whose deadline has passed. */
export function runTimers(tcb: Tcb): void {
  const { timers, now } = tcb;
  if (timers.compressedAckAt <= now) onCompressedAckTimeout(tcb);
  if (timers.ackAt <= now) onAckTimeout(tcb);
  if (timers.transmitAt <= now) onTransmitTimeout(tcb);
  if (timers.keepaliveAt <= now) onKeepaliveTimeout(tcb);
}

function onTransmitTimeout(tcb: Tcb): void {
  switch (tcb.timers.transmit) {
    case 'retransmit':
      onRetransmissionTimeout(tcb);
      break;
    case 'persist':
      onPersistTimeout(tcb);
      break;
    case 'loss-probe':
      sendLossProbe(tcb);
      break;
    case 'reorder':
      onReorderTimeout(tcb);
      break;
    case 'syn-ack':
      onSynAckTimeout(tcb);
      break;
    case 'off':
      break;
  }
}

/** A request waits for its ACK: the SYN,ACK again, with exponential backoff, tcp_synack_retries times. */
function onSynAckTimeout(tcb: Tcb): void {
  const { recovery, config, settings, timers, counters, now } = tcb;
  const most = settings.synCount > 0 ? settings.synCount : config.synackRetries;
  const isDeferred = settings.deferAccept > 0 && tcb.isHandshakeAcked;
  const isOver = recovery.retransmits >= Math.max(most, settings.deferAccept);
  if (isOver || (!isDeferred && recovery.retransmits >= most)) {
    finish(tcb, ETIMEDOUT);
    return;
  }
  recovery.retransmits++;
  if (!isDeferred || recovery.retransmits >= settings.deferAccept) {
    sendSynAck(tcb);
    counters.totalRetrans++;
  }
  timers.setTransmit(
    'syn-ack',
    now + Math.min(TIMEOUT_INIT * powerOfTwo(recovery.retransmits), config.rtoMax),
  );
}
