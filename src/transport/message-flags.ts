/** Flags of send and recv that a transport protocol acts on, with Linux's values (send(2), recv(2)). */

export const MSG_OOB = 0x1;
export const MSG_PEEK = 0x2;
export const MSG_DONTWAIT = 0x40;
export const MSG_EOR = 0x80;
export const MSG_MORE = 0x8000;
/** connect() and send in one (RFC 7413); with MSG_DONTWAIT nobody waits to send what did not fit into the SYN. */
export const MSG_FASTOPEN = 0x20000000;
