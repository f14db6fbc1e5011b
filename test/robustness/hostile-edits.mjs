// Ways to spoil one file, as data: an edit says what to do, `applyEdit` does it, and the same edit always does the same.
// Nothing here knows about models; what is spoiled and how often is in hostile-cases.mjs.

import { below, randomNumbers } from "../../scripts/random-numbers.mjs";

const oneOf = (random, list) => list[below(random, list.length)];

/** Values for an attribute that holds a number, a list of numbers or a name. */
const ATTRIBUTE_VALUES = [
  ..."0 1 -1 -2 3 7 64 4095 2147483647 2147483648 -2147483648 4294967295 9223372036854775807".split(" "),
  ..."-9223372036854775808 18446744073709551615 99999999999999999999 1e9 0x10 nan ?".split(" "),
  ..."1,1 -1,-1 4294967296,4294967296 2147483647,2147483647,2147483647 ?,?,?,? 1.. 1, ,".split(" "),
  ..."string boolean i4 u4 nf4 f16 f64 i64 u8 undefined dynamic true false extension opset1 opset15".split(
    " ",
  ),
  "",
];

/** Values for a 32-bit word: what an index, a length or an offset can be at its worst. */
const WORDS = [0, 1, -1, 0x7fffffff, -0x80000000, 0x10000, 0x40000000, 100_000, -1000];

/** What is done with the bytes of one file. `readFile` gives another file of the model, or of the other model. */
const EDITS = {
  empty: () => Buffer.alloc(0),
  /** @param {{share: number}} edit the part that stays, from the front */
  truncate: (bytes, { share }) => bytes.subarray(0, Math.floor(bytes.length * share)),
  /** @param {{bytes: number}} edit how many zero bytes follow */
  extend: (bytes, edit) => Buffer.concat([bytes, Buffer.alloc(edit.bytes)]),
  random: (bytes, { seed }) => {
    const random = randomNumbers(seed);
    return Buffer.from(Uint8Array.from(bytes, () => below(random, 256)));
  },
  /** @param {{seed: number, bits: number, within?: number}} edit flips bits in the first `within` bytes, or anywhere */
  flip: (bytes, { seed, bits, within = bytes.length }) => {
    const random = randomNumbers(seed);
    const spoiled = Buffer.from(bytes);
    for (let i = 0; i < bits; i++)
      spoiled[below(random, Math.min(within, bytes.length))] ^= 1 << below(random, 8);
    return spoiled;
  },
  /** Puts a hostile number at a place that a 32-bit number can have. */
  word: (bytes, { seed, within = bytes.length }) => {
    const random = randomNumbers(seed);
    const spoiled = Buffer.from(bytes);
    const at = below(random, Math.min(within, bytes.length) - 4);
    spoiled.writeInt32LE(oneOf(random, WORDS), at);
    return spoiled;
  },
  /** Puts a hostile number into one constant, each as often whatever its size. `xml` names the file that lists them. */
  constant: (bytes, { seed, xml }, readFile) => {
    const random = randomNumbers(seed);
    const constants = readFile(xml)
      .toString("latin1")
      .matchAll(/element_type="(\w+)"[^>]* offset="(\d+)" size="(\d+)"/g);
    const [, type, offset, size] = oneOf(random, [...constants]);
    const elementBytes = type.endsWith("64") ? 8 : 4;
    const spoiled = Buffer.from(bytes);
    if (Number(size) < elementBytes) spoiled[Number(offset)] ^= 0xff;
    else {
      const at = Number(offset) + elementBytes * below(random, Math.floor(Number(size) / elementBytes));
      const value = oneOf(random, WORDS);
      if (elementBytes === 8) spoiled.writeBigInt64LE(BigInt(value) * (random() < 0.3 ? 2n ** 31n : 1n), at);
      else spoiled.writeInt32LE(value, at);
    }
    return spoiled;
  },
  copy: (_, { from, other }, readFile) => readFile(from, other === true),
  /** Gives one attribute another value. */
  attribute: (bytes, { seed }) =>
    text(bytes, (xml) => {
      const random = randomNumbers(seed);
      const attributes = [...xml.matchAll(/ ([\w-]+)="([^"]*)"/g)];
      // Rarer names as often as the many edges.
      const name = oneOf(random, [...new Set(attributes.map((match) => match[1]))]);
      const chosen = oneOf(
        random,
        attributes.filter((match) => match[1] === name),
      );
      const ofOthers = attributes.filter((match) => match[1] === name).map((match) => match[2]);
      const value = oneOf(random, random() < 0.3 ? ofOthers : ATTRIBUTE_VALUES);
      return splice(xml, chosen, ` ${name}="${value}"`);
    }),
  /** Leaves one element out, or has it twice. */
  element: (bytes, { seed }) =>
    text(bytes, (xml) => {
      const random = randomNumbers(seed);
      const name = oneOf(random, ["layer", "edge", "data", "port", "input", "output", "dim", "rt_info"]);
      const elements = [...xml.matchAll(new RegExp(`<${name}[ >](?:[^>]*/>|[^]*?</${name}>)`, "g"))];
      if (elements.length === 0) return xml.replace("<edges>", "");
      const chosen = oneOf(random, elements);
      return splice(xml, chosen, random() < 0.6 ? "" : chosen[0] + chosen[0]);
    }),
  /** Puts the text of one dimension to another value. */
  dimension: (bytes, { seed }) =>
    text(bytes, (xml) => {
      const random = randomNumbers(seed);
      const chosen = oneOf(random, [...xml.matchAll(/<dim>[^<]*<\/dim>/g)]);
      return splice(xml, chosen, `<dim>${oneOf(random, ATTRIBUTE_VALUES)}</dim>`);
    }),
  /** An element that holds an element that holds an element. */
  nest: (bytes, { depth }) =>
    text(bytes, (xml) => xml.replace("<layers>", `${"<x>".repeat(depth)}${"</x>".repeat(depth)}<layers>`)),
  nestInfo: (bytes, { depth }) =>
    text(bytes, (xml) => xml.replace("<rt_info>", `<rt_info>${"<x>".repeat(depth)}${"</x>".repeat(depth)}`)),
  /** Another chat template, its characters taken as bytes. */
  template: (bytes, { template }) =>
    text(bytes, (xml) => {
      const entities = { "&": "&amp;", "<": "&lt;", '"': "&quot;" };
      const escaped = template.replaceAll(/[&<"]/g, (character) => entities[character]);
      return xml.replace(/<chat_template value="[^"]*"/, () => `<chat_template value="${escaped}"`);
    }),
  /** Entities that name a file, and entities that grow. */
  doctype: (bytes) =>
    text(bytes, (xml) => {
      const growing = Array.from({ length: 12 }, (_, i) => `<!ENTITY e${i + 1} "${`&e${i};`.repeat(10)}">`);
      const entities = `<!ENTITY file SYSTEM "file:///etc/passwd"><!ENTITY e0 "ten">${growing.join("")}`;
      const declared = xml.replace("?>", `?><!DOCTYPE net [${entities}]>`);
      return declared.replace("<rt_info>", '<rt_info><a value="&file;" /><b value="&e12;" />');
    }),
};

/** The bytes of a file after an edit. */
export function applyEdit(bytes, edit, readFile) {
  return EDITS[edit.kind](bytes, edit, readFile);
}

function text(bytes, change) {
  return Buffer.from(change(bytes.toString("latin1")), "latin1");
}

function splice(xml, match, replacement) {
  return xml.slice(0, match.index) + replacement + xml.slice(match.index + match[0].length);
}
