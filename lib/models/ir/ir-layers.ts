import { attributesOf, endOfTag } from "../files/xml-tags.js";

/** A constant of an IR: where its bytes are in the `.bin` file. */
export interface Constant {
  /** OpenVINO's name, e.g. `i32`. */
  readonly elementType: string;
  readonly offsetBytes: number;
  readonly sizeBytes: number;
}

/** An operation of an IR. */
export interface Layer {
  readonly name: string;
  /** What it does, e.g. `BPETokenizer`. */
  readonly type: string;
  /** Whether it is an operation of OpenVINO Tokenizers. */
  readonly isExtension: boolean;
  /** Null for anything but a constant. */
  readonly constant: Constant | null;
  /** By the number of the input: the constant that it gets; null when it gets something computed. */
  readonly inputs: ReadonlyMap<number, Constant | null>;
}

/**
 * The operations in the `.xml` text of an IR and the constants that they get. None when the text is not what OpenVINO
 * writes, which is left for OpenVINO to judge. It takes time in proportion to the length of the text, whatever that is.
 */
export function layersOf(xml: string): Layer[] {
  const layers = new Map<string, Mutable<Layer> & { inputs: Map<number, Constant | null> }>();
  let last: { constant: Constant | null } | null = null;
  for (const tag of startTags(xml)) {
    const element = /^<(layer|data|edge)\s/.exec(tag)?.[1];
    if (element === undefined) continue;
    const attributes = attributesOf(tag);
    if (element === "layer") {
      const id = attributes.get("id") ?? "";
      // A body inside an operation numbers its layers anew; no tokenizer is known to have one.
      if (layers.has(id)) return [];
      const name = attributes.get("name") ?? "";
      const layer = {
        name,
        type: attributes.get("type") ?? "",
        isExtension: attributes.get("version") === "extension",
        constant: null,
        inputs: new Map(),
      };
      layers.set(id, layer);
      last = layer;
    } else if (element === "data") {
      if (last !== null) last.constant = constantOf(attributes);
    } else {
      const from = layers.get(attributes.get("from-layer") ?? "");
      const to = layers.get(attributes.get("to-layer") ?? "");
      to?.inputs.set(Number(attributes.get("to-port")), from?.constant ?? null);
    }
  }
  return [...layers.values()];
}

type Mutable<Type> = { -readonly [Key in keyof Type]: Type[Key] };

/** The start tags of a text, from `<` to `>`; everything else with angle brackets but comments, too. */
function* startTags(xml: string): Generator<string> {
  for (let at = xml.indexOf("<"); at !== -1; at = xml.indexOf("<", at)) {
    const isComment = xml.startsWith("<!--", at);
    const end = isComment ? xml.indexOf("-->", at) : endOfTag(xml, at);
    if (end === -1) return;
    if (!isComment) yield xml.slice(at, end + 1);
    at = end + 1;
  }
}

/** Only constants have an offset. */
function constantOf(data: ReadonlyMap<string, string>): Constant | null {
  const [offset, size] = [data.get("offset"), data.get("size")];
  if (offset === undefined || size === undefined) return null;
  const [offsetBytes, sizeBytes] = [Number(offset), Number(size)];
  if (!Number.isSafeInteger(offsetBytes) || !Number.isSafeInteger(sizeBytes)) return null;
  return { elementType: data.get("element_type") ?? "", offsetBytes, sizeBytes };
}
