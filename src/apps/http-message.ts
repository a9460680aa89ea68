/** HTTP/1.1 messages as text (RFC 9112): the first line, header fields, and a body of a known length. */

export interface HttpMessage {
  /** Request line or status line. */
  readonly startLine: string;
  /** Fields by their name in small letters. */
  readonly fields: ReadonlyMap<string, string>;
}

/** Reads the lines of a message up to the empty one. @returns null when a line is no field (RFC 9112 5) */
export function readHead(lines: readonly string[]): HttpMessage | null {
  const fields = new Map<string, string>();
  for (const line of lines.slice(1)) {
    const colon = line.indexOf(':');
    if (colon <= 0 || /\s/.test(line.slice(0, colon))) return null;
    fields.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
  }
  return lines.length === 0 ? null : { startLine: lines[0]!, fields };
}

/** Writes a head with the empty line behind it. */
export function writeHead(startLine: string, fields: Readonly<Record<string, string | number>>): string {
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${startLine}\r\n${lines.join('')}\r\n`;
}

/** The Content-Length of a message in bytes; 0 without one, null when it is no number (RFC 9112 6.3). */
export function bodyLength(message: HttpMessage): number | null {
  const text = message.fields.get('content-length') ?? '0';
  return /^\d{1,15}$/.test(text) ? Number(text) : null;
}

/** Does the sender close the connection after this message? (RFC 9112 9.3) */
export function isLast(message: HttpMessage): boolean {
  return message.fields.get('connection')?.toLowerCase() === 'close' || /HTTP\/1\.0$/.test(message.startLine);
}
