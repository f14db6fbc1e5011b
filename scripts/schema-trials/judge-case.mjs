// One schema of the suite: what its grammar says of the instances.
import { schemaGrammar } from "../../dist/structured/grammar/compile-schema.js";
import { SchemaJudge } from "../../dist/structured/json-schema/schema-judge.js";
import { sayable } from "../../test/helpers/xgrammar.mjs";

/** JSON with the names in the order in which the schema has them, those that it does not have behind. */
function textFor(schema, value) {
  const order = new Map();
  const add = (part) => {
    if (typeof part !== "object" || part === null) return;
    for (const [key, inside] of Object.entries(part)) {
      if (!Array.isArray(part)) order.set(key, order.get(key) ?? order.size);
      add(inside);
    }
  };
  const collect = (part) => {
    if (typeof part !== "object" || part === null) return;
    for (const [key, inside] of Object.entries(part)) {
      if (key === "properties" && typeof inside === "object") {
        for (const name of Object.keys(inside)) order.set(name, order.get(name) ?? order.size);
      }
      if (key === "const" || key === "enum") add(inside);
      if (key === "dependentRequired" || key === "dependencies") {
        for (const [name, needed] of Object.entries(inside)) {
          for (const one of [name].concat(Array.isArray(needed) ? needed : [])) {
            if (!order.has(one)) order.set(one, 2000 + order.size);
          }
        }
      }
      if (key === "required" && Array.isArray(inside)) {
        for (const name of inside) if (!order.has(name)) order.set(name, 1000 + order.size);
      }
      collect(inside);
    }
  };
  collect(schema);
  const place = (name) => order.get(name) ?? Infinity;
  const write = (part) => {
    if (Array.isArray(part)) return `[${part.map(write).join(",")}]`;
    if (typeof part !== "object" || part === null) return JSON.stringify(part);
    const entries = Object.entries(part).toSorted(([a], [b]) => place(a) - place(b) || 0);
    return `{${entries.map(([name, inside]) => `${JSON.stringify(name)}:${write(inside)}`).join(",")}}`;
  };
  return write(value);
}

/** Whether a number in it is beyond what a grammar says: those from 10^21 on, but for numbers without a kind. */
function isBeyond(value) {
  if (typeof value === "number") return Math.abs(value) >= 1e21;
  return typeof value === "object" && value !== null && Object.values(value).some(isBeyond);
}

/** @returns what became of it: refused with a reason, or the instances that were said wrong */
export async function judgeCase({ draft, schema: given, tests }) {
  if (typeof given === "boolean") return { refused: "a schema that is no object" };
  const schema =
    draft === "draft7" && given.$schema === undefined
      ? { $schema: "http://json-schema.org/draft-07/schema#", ...given }
      : given;
  let grammar;
  let judge;
  try {
    judge = new SchemaJudge(JSON.stringify(schema));
    grammar = schemaGrammar(structuredClone(schema), { isOpen: true });
  } catch (error) {
    return { refused: error.message };
  }
  const texts = tests.map(({ data }) => textFor(schema, data));
  const said = grammar.text === null ? texts.map(() => false) : await sayable(grammar.text, texts);
  const judged = tests.map(({ data }) => judge.judge(data).valid);
  const results = tests.map((test, index) => ({
    description: test.description,
    text: texts[index],
    // What the check refuses is no answer, whoever is right.
    isValid: test.valid && judged[index] && !isBeyond(test.data),
    isInvalid: !test.valid && !judged[index],
    isDisputed: test.valid !== judged[index],
    isSaid: said[index],
  }));
  return { checkedAfter: grammar.checkedAfter, results };
}
