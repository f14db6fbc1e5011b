// Which files are spoiled in which way: a fixed list, and as many cases as one wants from a seed.
// What a case is made of: hostile-cases.d.mts.
import { below, randomNumbers } from "../../scripts/random-numbers.mjs";

export const IR_FILES = ["model", "tokenizer", "detokenizer"].flatMap((part) => [
  `openvino_${part}.xml`,
  `openvino_${part}.bin`,
]);
export const GGUF_FILE = "chain.gguf";
/** The chain model's GGUF header ends before this; behind it are weights. */
const GGUF_HEADER_BYTES = 6000;

function caseOf(model, file, edit) {
  const { kind, ...details } = edit;
  const what = Object.entries(details).map(([name, value]) => `${name} ${value}`);
  return { name: [model, file, kind, ...what].join(" "), model, edits: [{ file, ...edit }] };
}

/** Cases that everybody would think of. */
export function plainCases(model) {
  const files = model === "chain-gguf" ? [GGUF_FILE] : IR_FILES;
  const cases = files.flatMap((file) => [
    caseOf(model, file, { kind: "empty" }),
    caseOf(model, file, { kind: "random", seed: 1 }),
    caseOf(model, file, { kind: "extend", bytes: 4096 }),
    ...[0.001, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99, 0.9999].map((share) =>
      caseOf(model, file, { kind: "truncate", share }),
    ),
  ]);
  if (model === "chain-gguf") return cases;
  const swapped = IR_FILES.flatMap((file) =>
    IR_FILES.filter((from) => from !== file).map((from) => caseOf(model, file, { kind: "copy", from })),
  );
  const foreign = IR_FILES.map((file) => caseOf(model, file, { kind: "copy", from: file, other: true }));
  const wholePart = ["model", "tokenizer", "detokenizer"].map((part) => {
    const files = IR_FILES.filter((file) => file.startsWith(`openvino_${part}.`));
    const edits = files.map((file) => ({ file, kind: "copy", from: file, other: true }));
    return { name: `${model} ${part} of the other model`, model, edits };
  });
  const documents = IR_FILES.filter((file) => file.endsWith(".xml")).flatMap((file) => [
    caseOf(model, file, { kind: "doctype" }),
    ...[1000, 200_000].flatMap((depth) => [
      caseOf(model, file, { kind: "nest", depth }),
      caseOf(model, file, { kind: "nestInfo", depth }),
    ]),
  ]);
  return [...cases, ...swapped, ...foreign, ...wholePart, ...documents];
}

/** How often each kind of file is spoiled in which way. */
const SEEDED = {
  ".xml": ["attribute", "attribute", "attribute", "element", "dimension", "flip"],
  ".bin": ["constant", "constant", "word", "flip"],
  ".gguf": ["flip", "word"],
};

/** The case of a number: any number gives one, and the same number the same. */
export function seededCase(model, seed) {
  const random = randomNumbers(seed);
  const files = model === "chain-gguf" ? [GGUF_FILE] : IR_FILES;
  const file = files[below(random, files.length)];
  const kinds = SEEDED[file.slice(file.lastIndexOf("."))];
  const kind = kinds[below(random, kinds.length)];
  const details = {
    ...(kind === "constant" ? { xml: file.replace(".bin", ".xml") } : {}),
    ...(kind === "flip" ? { bits: 1 + below(random, 4) } : {}),
    ...(file === GGUF_FILE ? { within: GGUF_HEADER_BYTES } : {}),
  };
  return caseOf(model, file, { kind, seed, ...details });
}

const templateCase = (name, template) => ({
  name: `chain chat template ${name}`,
  model: "chain",
  edits: [{ file: "openvino_tokenizer.xml", kind: "template", template }],
});

/** A template is a program that comes with the model. */
export function templateCases() {
  return Object.entries({
    "that is empty": "",
    "without an end": "{% for message in messages %}",
    "with an end too many": "{% endif %}",
    "that raises": "{{ raise_exception('no such role') }}",
    "with names that are not there": "{{ a.b.c }}",
    "beyond a list": "{{ messages[99].content }}",
    "that cuts a list": "{{ messages[5:99] }}{{ messages[-9:] }}{{ messages[::0] }}",
    "that cuts characters in two": "{{ '\xc3\xa9'[0:1] }}",
    "that cuts characters of the prompt in two": "{% for m in messages %}{{ m.content[0:15] }}{% endfor %}",
    "that is no UTF-8": "\xff\xfe\x80\xc0{{ 1 }}",
    "with a character beyond Unicode": "\xf7\xbf\xbf\xbf{{ 1 }}",
    "with surrogates": "\xed\xa0\x80{{ 1 }}",
    "of a megabyte": "x".repeat(2 ** 20),
    "without messages": "{{ 1 }}",
    "that multiplies text by a negative number": "{{ 'a' * -5 }}",
    "that divides by zero": "{{ 1 % 0 }}",
    "with a macro that calls itself": "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
    "that nests very deep": `{{ ${"not ".repeat(100_000)}1 }}`,
  }).map(([name, template]) => templateCase(name, template));
}
