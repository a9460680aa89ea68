/** A small pcapng reader of its own, written from the format's description, to hold the writer against. */

export interface ReadPacket {
  readonly interfaceName: string;
  readonly time: number;
  readonly bytes: Uint8Array;
  readonly originalLength: number;
  readonly comment: string | null;
  readonly flags: number | null;
}

export interface ReadCapture {
  readonly interfaces: readonly {
    readonly name: string;
    readonly linkType: number;
    readonly resolution: number;
  }[];
  readonly packets: readonly ReadPacket[];
}

export function readPcapng(file: Uint8Array): ReadCapture {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const interfaces: { name: string; linkType: number; resolution: number }[] = [];
  const packets: ReadPacket[] = [];
  let at = 0;
  while (at < file.length) {
    const type = view.getUint32(at, true);
    const length = view.getUint32(at + 4, true);
    if (length % 4 !== 0 || length < 12) throw new Error(`block of ${length} bytes at ${at}`);
    if (view.getUint32(at + length - 4, true) !== length) throw new Error(`lengths differ at ${at}`);
    if (at === 0 && (type !== 0x0a0d0d0a || view.getUint32(8, true) !== 0x1a2b3c4d))
      throw new Error('no section');
    if (type === 1) {
      const options = readOptions(file, view, at + 16, at + length - 4);
      interfaces.push({
        name: text(options.get(2)) ?? '',
        linkType: view.getUint16(at + 8, true),
        resolution: options.get(9)?.[0] ?? 6,
      });
    }
    if (type === 6) {
      const captured = view.getUint32(at + 20, true);
      const options = readOptions(file, view, at + 28 + ((captured + 3) & ~3), at + length - 4);
      const flags = options.get(2);
      packets.push({
        interfaceName: interfaces[view.getUint32(at + 8, true)]!.name,
        time: view.getUint32(at + 12, true) * 4294967296 + view.getUint32(at + 16, true),
        bytes: file.slice(at + 28, at + 28 + captured),
        originalLength: view.getUint32(at + 24, true),
        comment: text(options.get(1)),
        flags: flags === undefined ? null : flags[0]!,
      });
    }
    at += length;
  }
  return { interfaces, packets };
}

function readOptions(file: Uint8Array, view: DataView, from: number, end: number): Map<number, Uint8Array> {
  const options = new Map<number, Uint8Array>();
  let at = from;
  while (at < end) {
    const code = view.getUint16(at, true);
    const length = view.getUint16(at + 2, true);
    if (code === 0) return options;
    options.set(code, file.slice(at + 4, at + 4 + length));
    at += 4 + ((length + 3) & ~3);
  }
  if (at !== end) throw new Error('options run over the end of the block');
  return options;
}

function text(bytes: Uint8Array | undefined): string | null {
  return bytes === undefined ? null : new TextDecoder().decode(bytes);
}
