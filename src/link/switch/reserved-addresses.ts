/** The sixteen group addresses that stay on their link (IEEE 802.1D-2004 table 7-10). */
import { MacAddress } from '../../packet/mac-address.ts';

const HIGH = 0x0180;
const LOW = 0xc2000000;

/** Bridge group address: BPDUs. */
export const RESERVED_BRIDGE_GROUP: MacAddress = MacAddress.of(HIGH, LOW);
/** IEEE 802.3 full-duplex PAUSE. */
export const RESERVED_PAUSE: MacAddress = MacAddress.of(HIGH, LOW + 1);

/** 01-80-C2-00-00-00 to 01-80-C2-00-00-0F. */
export function isReserved(mac: MacAddress): boolean {
  return mac.high === HIGH && mac.low >= LOW && mac.low <= LOW + 15;
}
