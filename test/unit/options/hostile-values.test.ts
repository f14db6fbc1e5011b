import { describe, expect, it } from "vitest";
import { takeCallOptions } from "../../../lib/generation/call-options.js";
import { validateLoadOptions } from "../../../lib/generation/load-options.js";
import { ContentEscaper } from "../../../lib/prompt/content-escapes.js";
import { describe as pictureOf } from "../../../lib/errors/errors.js";
import { normalizeInput } from "../../../lib/prompt/input.js";
import { validateGenerationOptions } from "../../../lib/options/validate-generation-options.js";

const escaper = new ContentEscaper({ special: ["<|end|>"], plain: [] }, "");
const raise = (): never => {
  throw new Error("boo");
};

/** Proxies whose every trap throws: what is thrown has no code. */
const trapped = (target: object): object => new Proxy(target, new Proxy({}, { get: raise }));

function revoked(target: object): object {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}

const throwing = (key: string): object => Object.defineProperty({}, key, { get: raise, enumerable: true });

/** Each level holds the one below ten times: ten to the fortieth values. */
let bomb: unknown = "x";
for (let level = 0; level < 40; level++) bomb = Array.from({ length: 10 }, () => bomb);

const cycle: Record<string, unknown> = {};
cycle["self"] = cycle;

const VALUES: readonly (readonly [string, unknown])[] = [
  ["a proxy that throws", trapped({})],
  ["a proxy of a list that throws", trapped([])],
  ["a revoked proxy", revoked({})],
  ["a revoked proxy of a list", revoked([])],
  ["a getter that throws", throwing("content")],
  ["a prototype that throws", Object.create(trapped({})) as unknown],
  ["a constructor without a name", Object.create({ constructor: { name: Symbol("name") } }) as unknown],
  ["a constructor that throws", Object.create(throwing("constructor")) as unknown],
  ["a bigint of ten million digits", 10n ** 1_000_000n],
  ["a symbol", Symbol("s")],
  ["a function without a name", Object.defineProperty(() => 1, "name", { get: raise })],
  ["a value that is everywhere", bomb],
  ["a value that contains itself", cycle],
  ["lone surrogates", "\ud800"],
  ["a list of holes", Object.assign([], { length: 5 })],
];

/** "none" where nothing is thrown: an object without fields is no harm, whatever it inherits. */
function codeOfCall(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
  return "none";
}

const CODED = expect.objectContaining({ code: expect.stringMatching(/^ERR_/) });

describe("what nobody should give", () => {
  it.each(VALUES)("is refused with a code, or taken as data: %s", (_, value) => {
    const context = {
      template: { place: "variable", hasToolRole: true },
      escaper,
      applyChatTemplate: undefined,
      vocabSize: 100,
    } as const;
    const inputs: unknown[] = [
      value,
      [value],
      { tokenIds: value },
      { tokenIds: [value] },
      [{ role: value, content: "a" }],
      [{ role: "user", content: value }],
      [{ role: "user", content: [value] }],
      [{ role: "user", content: [{ type: "text", text: value }] }],
      [{ role: "user", content: "a", extra: value }],
      [{ role: "assistant", content: null, tool_calls: value }, { role: value }],
    ];
    for (const input of inputs) {
      if (value === "\ud800" || input !== value) expect(() => normalizeInput(input, context)).toThrow(CODED);
    }
    const options = [
      value,
      { extraContext: value },
      { extraContext: { a: value } },
      { extraRoles: value },
      { extraRoles: [value] },
      { tools: value },
      { tools: [value] },
      { tools: [{ name: "f", parameters: value }] },
      { tools: [{ name: "f", parameters: { type: "object", properties: value } }] },
      { responseFormat: value },
      { responseFormat: { type: "json", schema: value } },
      { responseFormat: { type: "json", schema: { enum: [value] } } },
      { signal: value },
    ];
    for (const option of options) {
      expect(() => {
        const { generationOptions } = takeCallOptions(option as object);
        validateGenerationOptions(
          { ...generationOptions, stopStrings: value },
          { vocabSize: 100, engine: "pipeline" },
        );
      }).toThrow(CODED);
    }
    for (const name of ["properties", "generationConfig", "adapters", "draftModel", "signal"]) {
      expect(codeOfCall(() => validateLoadOptions({ [name]: value }))).toMatch(/^(?:ERR_|none)/);
    }
  });

  it.each(VALUES)("has a short picture: %s", (_, value) => {
    expect(pictureOf(value).length).toBeLessThan(100);
  });

  it("does not reach prototypes", () => {
    const evil = JSON.parse('{"role":"user","content":"a","__proto__":{"polluted":1}}') as object;
    const context = {
      template: { place: "none", hasToolRole: false },
      escaper,
      applyChatTemplate: undefined,
      vocabSize: 100,
    } as const;
    const input = normalizeInput([evil], context);
    expect(input.kind === "chat" && JSON.stringify(input.chat.messages)).toContain(
      '"__proto__":{"polluted":1}',
    );
    const parameters = JSON.parse(
      '{"type":"object","properties":{"__proto__":{"type":"integer"}},"patternProperties":{"^__":{"minimum":2}}}',
    ) as Record<string, unknown>;
    const { answerOptions } = takeCallOptions({ tools: [{ name: "f", parameters }] });
    const read = answerOptions.tools[0]?.schema.read;
    expect(JSON.stringify(read?.('{"__proto__":3}'))).toBe('{"__proto__":3}');
    expect(() => read?.('{"__proto__":1}')).toThrow("schema");
    expect(() => read?.('{"__proto__":"a"}')).toThrow("schema");
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect("polluted" in {}).toBe(false);
  });
});
