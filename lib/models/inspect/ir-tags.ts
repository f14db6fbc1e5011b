import { createReadStream } from "node:fs";

import { fileError, readFailure } from "../files/json-file.js";
import { endOfTag, unescapeXml } from "../files/xml-tags.js";

/** Called for each start or end tag, from `<` to `>`, with the text that follows it up to the next one. */
export type OnTag = (tag: string, text: string) => void;

const CHUNK_BYTES = 1 << 18;
/** The longest tag of a real model holds a chat template: hundreds of kilobytes. */
const MAX_TAG_LENGTH = 4 * 1024 * 1024;

/**
 * Goes through the `.xml` file of an IR tag by tag without keeping it; a model of billions of parameters has tens of
 * megabytes. Texts come as Latin-1, one character per byte: {@link utf8} makes text of them.
 *
 * @throws OpenVinoLlmError `ERR_MODEL_LOAD` when the file cannot be read or is no XML.
 */
export async function scanTags(path: string, onTag: OnTag): Promise<void> {
  let rest = "";
  try {
    for await (const chunk of createReadStream(path, { encoding: "latin1", highWaterMark: CHUNK_BYTES })) {
      rest = takeTags(rest + String(chunk), onTag);
      if (rest.length > MAX_TAG_LENGTH) break;
    }
  } catch (cause) {
    throw readFailure(path, cause);
  }
  if (rest.length > MAX_TAG_LENGTH) {
    throw fileError(path, `Expected XML but received a tag of more than ${MAX_TAG_LENGTH} bytes.`);
  }
  takeTags(`${rest}<`, onTag);
}

/** Hands out the whole tags of a text; what is left begins with the one that is cut off. */
function takeTags(text: string, onTag: OnTag): string {
  let start = text.indexOf("<");
  while (start !== -1) {
    const isComment = text.startsWith("<!--", start);
    const last = isComment ? text.indexOf("-->", start + 4) : endOfTag(text, start);
    const end = last === -1 ? -1 : last + (isComment ? 3 : 1);
    const next = end === -1 ? -1 : text.indexOf("<", end);
    if (next === -1) return text.slice(start);
    if (!isComment) onTag(text.slice(start, end), text.slice(end, next));
    start = next;
  }
  return "";
}

/** The text that an attribute value of {@link scanTags} stands for. */
export function utf8(value: string): string {
  if (/^[ -%'-~]*$/.test(value)) return value;
  return unescapeXml(Buffer.from(value, "latin1").toString("utf8"));
}
