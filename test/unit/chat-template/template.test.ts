import { describe, expect, it } from "vitest";
import { Template } from "../../../lib/chat-template/template.js";
import { TEMPLATES, VARIABLES } from "./constructs.js";

const render = (template: string, variables: Record<string, unknown> = {}): string =>
  new Template(template).render(variables);

describe("Template", () => {
  it("writes what stands around the tags, without the line breaks of blocks", () => {
    expect(render("{% for m in messages %}\n  {{ m }}\n{% endfor %}\nend\n", { messages: ["a", "b"] })).toBe(
      "  a\n  b\nend",
    );
  });

  it.each([
    ["{% if x %}", /expected \{% elif %\} or \{% else %\} or \{% endif %\} but found its end \(line 1\)/],
    ["\n\n{{ 1 + }}", /expected an expression but found a tag \(line 3\)/],
    ["{% nonsense %}", /there is no tag \{% nonsense %\}/],
    ["{{ x.y }}", /'x' is undefined/],
    ["{{ [].x.y }}", /'list object' has no attribute 'x'/],
    ["{{ raise_exception('Roles must alternate') }}", /refuses: Roles must alternate/],
    ["{{ 1 | nonsense }}", /there is no filter 'nonsense'/],
    ["{{ 'a' + 1 }}", /'str' \+ 'int' is computed/],
  ])("says what is wrong with %s", (template, message) => {
    expect(() => render(template)).toThrow(message);
  });

  it("does not change what it is given", () => {
    const variables = structuredClone(VARIABLES);
    for (const template of TEMPLATES) render(template, variables);
    expect(variables).toEqual(VARIABLES);
  });

  it("renders the same again, whatever was rendered between", () => {
    const template = new Template(
      "{% set ns = namespace(n=0) %}{% for m in x %}{% set ns.n = ns.n + m %}{% endfor %}{{ ns.n }}",
    );
    expect([
      template.render({ x: [1, 2] }),
      template.render({ x: [5] }),
      template.render({ x: [1, 2] }),
    ]).toEqual(["3", "5", "3"]);
  });

  it("reads no property of JavaScript's objects", () => {
    const names = "['constructor', '__proto__', 'toString', 'hasOwnProperty', 'valueOf']";
    const template = `{% for n in ${names} %}{{ x[n] is defined }} {{ n in x }} {{ 'text'[n] is defined }} {% endfor %}`;
    expect(render(template, { x: { a: 1 } })).toBe("False False False ".repeat(5));
  });

  it("writes the date of now, in English", () => {
    const template = new Template("{{ strftime_now('%d %b %Y, %A %-d %B %H:%M:%S %j %p %y%%') }}");
    expect(template.render({}, new Date(2026, 2, 5, 13, 4, 9))).toBe(
      "05 Mar 2026, Thursday 5 March 13:04:09 064 PM 26%",
    );
  });
});
