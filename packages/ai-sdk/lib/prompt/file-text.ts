/** Files as far as they are text. */

const TEXT_TYPE = /^(?:text(?:\/|$)|application\/json$)/;

/**
 * The text of a file; null where it is no text, or is not here (an address).
 *
 * @param data - version 3: bytes, base64 or an address; version 4: one of these, or a text, with its type
 */
export function fileText(data: unknown, mediaType: string): string | null {
  if (typeof data === "object" && data !== null && "type" in data) {
    if (data.type === "text" && "text" in data && typeof data.text === "string") return data.text;
    return data.type === "data" && "data" in data ? fileText(data.data, mediaType) : null;
  }
  if (!TEXT_TYPE.test(mediaType)) return null;
  if (typeof data === "string") return new TextDecoder().decode(Buffer.from(data, "base64"));
  return data instanceof Uint8Array ? new TextDecoder().decode(data) : null;
}
