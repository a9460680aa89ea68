/** connect(2) of either transport: the one call whose rules have nothing in common. */
import { type ConnectCall, connectTcp } from './connect-tcp.ts';
import { connectUdp } from './datagram.ts';
import type { Oracle, SpecProfile } from './profile.ts';
import type { SpecState } from './state.ts';
import { known, type Step } from './step.ts';

export function connect(state: SpecState, call: ConnectCall, profile: SpecProfile, oracle: Oracle): Step {
  const { transport } = known(state, call.socket);
  return transport === 'tcp'
    ? connectTcp(state, call, profile, oracle)
    : connectUdp(state, call, profile, oracle);
}
