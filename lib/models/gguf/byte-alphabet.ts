/**
 * The 256 bytes as the printable characters that stand for them in a byte-level vocabulary, in its customary order:
 * printable Latin-1 stands for itself and comes first, the rest follows from U+0100 upwards.
 */
export const BYTE_ALPHABET: readonly { readonly character: string; readonly byte: number }[] = alphabet();

const BYTES: ReadonlyMap<string, number> = new Map(
  BYTE_ALPHABET.map(({ character, byte }) => [character, byte]),
);

/** The bytes that a token of a byte-level vocabulary stands for; null for one that has other characters. */
export function bytesOfToken(token: string): Buffer | null {
  const bytes: number[] = [];
  for (const character of token) {
    const byte = BYTES.get(character);
    if (byte === undefined) return null;
    bytes.push(byte);
  }
  return Buffer.from(bytes);
}

function alphabet(): { character: string; byte: number }[] {
  const isPrintable = (byte: number): boolean =>
    (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || (byte >= 0xae && byte <= 0xff);
  const all = Array.from({ length: 256 }, (_, byte) => byte);
  const others = all.filter((byte) => !isPrintable(byte));
  return [
    ...all.filter(isPrintable).map((byte) => ({ character: String.fromCodePoint(byte), byte })),
    ...others.map((byte, index) => ({ character: String.fromCodePoint(0x100 + index), byte })),
  ];
}
