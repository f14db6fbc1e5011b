// Asks a model for answers in grammars that would crash, hang or fill the compiler. Argument: the model. Prints for each
// what became of it; the process must live, and the model answer afterwards.
import { LLMPipeline } from "../../dist/index.js";

const deep = (levels, wrap) => {
  let schema = { type: "integer" };
  for (let i = 0; i < levels; i++) schema = wrap(schema);
  return schema;
};
const brackets = (levels) => `${"(".repeat(levels)}a${")".repeat(levels)}`;
const json = (schema) => ({ type: "json", schema });
const regex = (value) => ({ type: "regex", value });
const ebnf = (value) => ({ type: "ebnf", value });
const many = (count, make) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`p${i}`, make(i)]));

const FORMATS = {
  "objects, 30 levels": json(deep(10, (a) => ({ type: "object", properties: { a }, required: ["a"] }))),
  "objects, 100,000 levels": json(deep(100_000, (a) => ({ type: "object", properties: { a } }))),
  "lists, 100,000 levels": json(deep(100_000, (items) => ({ type: "array", items }))),
  "1,000 optional properties": json({ type: "object", properties: many(1000, () => ({ type: "string" })) }),
  "20,000 values": json({ enum: Array.from({ length: 20_000 }, (_, i) => `value ${i}`) }),
  "strings of a billion": json({ type: "string", minLength: 5, maxLength: 1e9 }),
  "lists of a billion": json({ type: "array", items: { type: "integer" }, minItems: 1e9 }),
  "more than 2^64": json({ type: "array", items: {}, maxItems: 1e30 }),
  "a reference to itself": json({ $ref: "#" }),
  "references in a ring": json({
    $defs: { a: { $ref: "#/$defs/b" }, b: { $ref: "#/$defs/a" } },
    $ref: "#/$defs/a",
  }),
  "all of itself": json({ allOf: [{ $ref: "#" }] }),
  "a pattern of copies of copies": json({ type: "string", pattern: "^(((.{100}){100}){100}){100}" }),
  "a pattern that looks ahead": json({ type: "string", pattern: "^(?!(a|b)*a(a|b){200}$).*$" }),
  "names by patterns": json({
    patternProperties: Object.fromEntries(
      ["a.{20}b", "b.*a.{9}", "c[^d]{30}", "q.*$"].map((name) => [name, {}]),
    ),
  }),
  "2^40 branches": json({
    allOf: Array.from({ length: 40 }, (_, i) => ({
      anyOf: [{ required: [`a${i}`] }, { required: [`b${i}`] }],
    })),
  }),
  "nothing at all": json({ type: "object", properties: { a: false }, required: ["a"] }),
  "a prototype": json(
    JSON.parse('{"type":"object","properties":{"__proto__":{"type":"integer"}},"required":["__proto__"]}'),
  ),
  "brackets, 100,000 levels": regex(brackets(100_000)),
  "a pattern of brackets": json({ type: "string", pattern: brackets(100_000) }),
  "copies of words": regex("(\\w+ ){1,50}"),
  "copies of copies": regex("(((a{100}){100}){100}){100}"),
  "a billion copies": regex(".{1000000000}"),
  "stars of stars": regex("((a*)*)*b"),
  "a bracket without an end": regex("["),
  "a NUL": regex("a\0b"),
  "nothing to match": regex(""),
  "a rule that is itself": ebnf("root ::= root"),
  "a rule of itself twice": ebnf('root ::= root root | "a"'),
  "rules in brackets": ebnf(`root ::= ${brackets(100_000)}`),
  "20,000 rules": ebnf(
    ["root ::= r0", ...Array.from({ length: 20_000 }, (_, i) => `r${i} ::= "a" r${i + 1}`)].join("\n"),
  ),
  "no rules": ebnf(""),
  "a tag of tags": {
    type: "structural_tag",
    value: {
      type: "structural_tag",
      format: deep(100_000, (tag) => ({ type: "sequence", elements: [tag] })),
    },
  },
  "an empty tag": { type: "structural_tag", value: {} },
};

const llm = await LLMPipeline.load(process.argv[2]);
const RAW = { applyChatTemplate: false };
const outcome = (result) => (result.object === undefined ? result.finishReason : "object");
for (const [name, responseFormat] of Object.entries(FORMATS)) {
  const became = await llm
    .generate("c", { ...RAW, responseFormat, maxNewTokens: 40 })
    .then(outcome, (error) => error.code);
  process.stdout.write(`${name}: ${became}\n`);
}
const { text } = await llm.generate("c", { ...RAW, responseFormat: regex("x{3}") });
await llm.close();
process.stdout.write(`${text}\n`);
