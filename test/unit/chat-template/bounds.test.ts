import { describe, expect, it } from "vitest";
import { TemplateError, type TemplateErrorKind } from "../../../lib/chat-template/template-error.js";
import { Template } from "../../../lib/chat-template/template.js";

const grow = (what: string, how: string): string =>
  `{% set n = namespace(x=${what}) %}{% for i in range(1000) %}{% set n.x = ${how} %}{% endfor %}`;

/** Each would take for ever, or all memory, or the stack. */
const ENDLESS: Readonly<Record<string, string>> = {
  "5,000 brackets": `{{ ${"[".repeat(5000)}${"]".repeat(5000)} }}`,
  "100,000 parentheses": `{{ ${"(".repeat(100_000)}1${")".repeat(100_000)} }}`,
  "100,000 times not": `{{ ${"not ".repeat(50_000)}1 }}`,
  "a sum of 50,000 terms": `{{ ${"1 + ".repeat(50_000)}1 }}`,
  "50,000 filters": `{{ 'a'${"|e".repeat(50_000)} }}`,
  "50,000 attributes": `{{ x${".a".repeat(50_000)} }}`,
  "5,000 blocks": `${"{% if 1 %}".repeat(5000)}x${"{% endif %}".repeat(5000)}`,
  "a macro that calls itself": "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
  "a caller that calls itself":
    "{% macro m() %}{{ caller() }}{% endmacro %}{% macro n() %}{% call m() %}{{ n() }}{% endcall %}{% endmacro %}{{ n() }}",
  "a recursive loop": "{% for i in [1] recursive %}{{ loop([1]) }}{% endfor %}",
  "a loop of a thousand million": "{% for i in range(10**9) %}x{% endfor %}",
  "loops in loops":
    "{% for i in range(99999) %}{% for j in range(99999) %}{% for k in range(99999) %}{% endfor %}{% endfor %}{% endfor %}",
  "a text that doubles": `${grow("'a'", "n.x + n.x")}{{ n.x }}`,
  "a text that doubles by ~": `${grow("'a'", "n.x ~ n.x")}{{ n.x }}`,
  "a list that doubles": `${grow("[1]", "n.x + n.x")}{{ n.x }}`,
  "a list that holds itself twice": `${grow("[1]", "[n.x, n.x]")}{{ n.x | tojson }}`,
  "an order of such": `${grow("[1]", "[n.x, n.x]")}{{ n.x < n.x[0] }}`,
  "a long text": "{{ 'a' * 10**10 }}",
  "a long list": "{{ [1] * 10**10 }}",
  "replacements of replacements": "{{ ('a' * 100000) | replace('a', 'a' * 100000) }}",
  "a method that replaces": "{{ ('a' * 100000).replace('', 'a' * 100000) }}",
  "a join": "{{ ('a' * 100000) | join('a' * 100000) }}",
  "a wide indentation": "{{ ('\\n' * 100000) | indent('a' * 100000) }}",
  "a wide format": "{{ ('%(a)s' * 10000) % {'a': 'a' * 100000} }}",
  "a namespace that holds itself": "{% set n = namespace() %}{% set n.a = n %}{{ n }}",
  "one in its own list": "{% set n = namespace() %}{% set n.a = [n] %}{{ n.a }}",
  "a large batch": "{{ [1] | batch(10**9, 0) | list }}",
  "many slices": "{{ [1] | slice(10**9) | list }}",
  "a text far to the right": "{{ 'a'.rjust(10**9) }}",
  "a sort a thousand times": "{% for i in range(1000) %}{{ range(99999) | sort | length }}{% endfor %}",
  "a template of a million characters": "x".repeat(1_000_000),
};

/** The same of sizes that are refused as such. */
const TOO_LARGE: Readonly<Record<string, string>> = {
  "an indentation of JSON": "{{ [1] | tojson(indent=1000000000) }}",
  "a width": "{{ 'a' | center(1000000000) }}",
  "a precision": "{{ '%.1000000000f' % 1 }}",
  "a power": "{{ 2 ** 2 ** 30 }}",
  "a division by zero": "{{ 1 % 0 }}",
};

function kindOf(template: string): TemplateErrorKind | "rendered" | undefined {
  try {
    new Template(template).render({ messages: [{ role: "user", content: "Hi" }] });
    return "rendered";
  } catch (error) {
    return error instanceof TemplateError ? error.kind : undefined;
  }
}

describe("a template that does not come to an end", () => {
  it.each(Object.entries(ENDLESS))("is ended: %s", (_, template) => {
    expect(["bounds", "syntax"]).toContain(kindOf(template));
  });

  it.each(Object.entries(TOO_LARGE))("asks for too much: %s", (_, template) => {
    expect(kindOf(template)).toBe("failed");
  });

  it("ends in the same place each time", () => {
    const template = new Template(
      "{% for i in range(99999) %}{% for j in range(99999) %}.{% endfor %}{% endfor %}",
    );
    const messages = [0, 1].map(() => {
      try {
        return template.render({});
      } catch (error) {
        return (error as Error).message;
      }
    });
    expect(messages[0]).toMatch(/does more work/);
    expect(messages[1]).toBe(messages[0]);
  });

  it("has more steps for a longer chat, so that a long one is rendered", () => {
    const walk = new Template(
      "{% for m in messages %}{% for n in messages %}{% if n.role == 'x' %}{% endif %}{% endfor %}{{ m.content }}{% endfor %}",
    );
    const messages = Array.from({ length: 500 }, () => ({ role: "user", content: "a" }));
    expect(walk.render({ messages })).toBe("a".repeat(500));
  });
});
