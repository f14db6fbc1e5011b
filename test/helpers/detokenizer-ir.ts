/** Detokenizers of other families than the models here have, written as OpenVINO IR. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "./chain.js";

const SPECIAL = ["<unk>", "<s>", "</s>"];
const BYTES = Array.from(
  { length: 256 },
  (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`,
);
/** U+2581 stands for a space, as in every vocabulary of this kind. */
const PIECES = "▁ ▁▁ ▁the ▁a a b s 7 ▁é é ß 日 日本 🙂 \n ing ▁ing . , ' ▁' \ufffd".split(" ");

/** A vocabulary with a token for each byte, as Llama 2 and Phi-3 have it. */
const VOCABULARY = [...SPECIAL, ...BYTES, ...PIECES];
export const DETOKENIZER_VOCABULARY_SIZE = VOCABULARY.length;

/** A folder with a detokenizer that joins pieces, turns byte tokens into bytes and drops the first space. */
export function byteFallbackDetokenizer(): string {
  const ir = new IrWriter();
  const pieces = VOCABULARY.map((piece) => Buffer.from(piece));
  const ends = pieces.reduce<number[]>((all, piece) => [...all, (all.at(-1) ?? 0) + piece.length], []);
  const vocabulary = [
    ir.constant("i32", ints([0, ...ends.slice(0, -1)])),
    ir.constant("i32", ints(ends)),
    ir.constant("u8", Buffer.concat(pieces)),
  ];
  const skipped = ir.constant("i32", ints(SPECIAL.keys()));
  const [rowBegins, rowEnds, begins, ends_, chars] = ir.extension(
    "VocabDecoder",
    [ir.ids(), ...vocabulary, skipped],
    5,
    {
      skip_tokens: "",
    },
  );
  const spaces = ir.extension(
    "RegexNormalization",
    [begins, ends_, chars, ir.text("▁"), ir.text(" ")],
    3,
    GLOBAL,
  );
  const bytes = ir.extension("ByteFallback", spaces, 3);
  const joined = ir.extension("FuzeRagged", [rowBegins, rowEnds, bytes[0], bytes[1]], 2);
  const stripped = ir.extension(
    "RegexNormalization",
    [...joined, bytes[2], ir.text("^ "), ir.text("")],
    3,
    GLOBAL,
  );
  return ir.write(ir.extension("UTF8Validate", stripped, 3, { replace_mode: "true" }));
}

/** A folder with a detokenizer by the SentencePiece library: it gives no vocabulary. */
export function sentencePieceDetokenizer(): string {
  const ir = new IrWriter();
  const model = ir.constant("u8", sentencePieceModel());
  return ir.write(ir.extension("SentencepieceDetokenizer", [model, ir.ids()], 3));
}

const GLOBAL = { global_replace: "true" };

/** An output of a layer. */
type Output = string | undefined;

class IrWriter {
  readonly #layers: string[] = [];
  readonly #edges: string[] = [];
  #weights = Buffer.alloc(0);

  /** What the model is asked for: rows of ids. */
  ids(): Output {
    const [ids] = this.#layer("Parameter", "opset1", 'shape="?,?" element_type="i64"', [], ["I64"]);
    return this.#layer("Convert", "opset1", 'destination_type="i32"', [ids], ["I32"])[0];
  }

  text(text: string): Output {
    return this.constant("u8", Buffer.from(text));
  }

  constant(type: "i32" | "u8", data: Buffer): Output {
    const length = type === "u8" ? data.length : data.length / 4;
    const place = `offset="${this.#weights.length}" size="${Math.max(data.length, 1)}"`;
    // An empty constant takes a byte; four keep what follows aligned.
    const padding = Buffer.alloc(data.length === 0 ? 4 : (4 - (data.length % 4)) % 4);
    this.#weights = Buffer.concat([this.#weights, data, padding]);
    const attributes = `element_type="${type}" shape="${length}" ${place}`;
    return this.#layer("Const", "opset1", attributes, [], [type.toUpperCase()], length)[0];
  }

  extension(
    type: string,
    inputs: readonly Output[],
    outputs: number,
    attributes: Record<string, string> = {},
  ): Output[] {
    const text = Object.entries(attributes).map(([key, value]) => `${key}="${value}"`);
    // The characters come last; before them are offsets.
    const precisions = Array.from({ length: outputs }, (_, i) => (i === 2 || i === 4 ? "U8" : "I32"));
    if (outputs === 5) precisions[2] = "I32";
    return this.#layer(type, "extension", text.join(" "), inputs, precisions);
  }

  /** Makes strings of begins, ends and characters, and writes the files. */
  write(strings: readonly Output[]): string {
    const [packed] = this.#layer("StringTensorPack", "opset15", "", strings, ["STRING"]);
    this.#layer("Result", "opset1", "", [packed], []);
    const folder = temporaryFolder();
    const body = `<layers>${this.#layers.join("")}</layers><edges>${this.#edges.join("")}</edges>`;
    const xml = `<?xml version="1.0"?><net name="detokenizer" version="11">${body}</net>`;
    writeFileSync(join(folder, "openvino_detokenizer.xml"), xml);
    writeFileSync(join(folder, "openvino_detokenizer.bin"), this.#weights);
    return folder;
  }

  #layer(
    type: string,
    version: string,
    attributes: string,
    inputs: readonly Output[],
    precisions: readonly string[],
    length = -1,
  ): Output[] {
    const id = this.#layers.length;
    const dims = `<dim>${length}</dim>`;
    const rows = type === "Parameter" || type === "Convert" ? "<dim>-1</dim>" : "";
    const ports = inputs.map((from, port) => {
      const [layer, output] = (from ?? "").split(":");
      this.#edges.push(
        `<edge from-layer="${layer}" from-port="${output}" to-layer="${id}" to-port="${port}"/>`,
      );
      return `<port id="${port}"><dim>-1</dim></port>`;
    });
    const outputs = precisions.map(
      (precision, i) => `<port id="${inputs.length + i}" precision="${precision}">${rows}${dims}</port>`,
    );
    this.#layers.push(
      `<layer id="${id}" name="${type}_${id}" type="${type}" version="${version}"><data ${attributes}/>` +
        `<input>${ports.join("")}</input><output>${outputs.join("")}</output></layer>`,
    );
    return precisions.map((_, i) => `${id}:${inputs.length + i}`);
  }
}

function ints(values: Iterable<number>): Buffer {
  return Buffer.from(Int32Array.from(values).buffer);
}

/** SentencePiece's ModelProto: pieces, the kind of model, and a normaliser that does nothing. */
function sentencePieceModel(): Buffer {
  const kind = (piece: string): number => {
    if (piece === "<unk>") return 2;
    if (SPECIAL.includes(piece)) return 3;
    return BYTES.includes(piece) ? 6 : 1;
  };
  const pieces = VOCABULARY.map((piece, id) => {
    const score = Buffer.alloc(4);
    score.writeFloatLE(-id);
    return field(
      1,
      Buffer.concat([field(1, Buffer.from(piece)), tag(2, 5), score, tag(3, 0), varint(kind(piece))]),
    );
  });
  const trainer = Buffer.concat([tag(3, 0), varint(1), tag(35, 0), varint(1)]); // unigram, with byte fallback
  return Buffer.concat([...pieces, field(2, trainer), field(3, field(1, Buffer.from("identity")))]);
}

function field(number: number, data: Buffer): Buffer {
  return Buffer.concat([tag(number, 2), varint(data.length), data]);
}

function tag(number: number, wire: number): Buffer {
  return varint((number << 3) | wire);
}

function varint(value: number): Buffer {
  const bytes = [];
  for (; value > 127; value >>= 7) bytes.push((value & 127) | 128);
  return Buffer.from([...bytes, value]);
}
