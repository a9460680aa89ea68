/** Flags of send and recv that a transport protocol acts on, with Linux's values (send(2), recv(2)). */

export const MSG_OOB = 0x1;
export const MSG_PEEK = 0x2;
export const MSG_TRUNC = 0x20;
export const MSG_DONTWAIT = 0x40;
export const MSG_EOR = 0x80;
export const MSG_NOSIGNAL = 0x4000;
export const MSG_MORE = 0x8000;
/** Data for the SYN (tcp(7)). */
export const MSG_FASTOPEN = 0x20000000;
