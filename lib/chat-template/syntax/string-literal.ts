/** A string as a template writes it, with Python's escapes. */
import { TemplateError } from "../template-error.js";

const ESCAPE =
  /\\(?:\n|[\\'"abfnrtv]|x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([0-7]{1,3})|[xuUN])/g;
const SIMPLE: Readonly<Record<string, string>> = {
  "\n": "",
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

/** What the literal that begins there says, and where it ends. @throws TemplateError */
export function stringLiteral(source: string, begin: number, line: number): { text: string; end: number } {
  const quote = source.charAt(begin);
  let end = begin + 1;
  while (end < source.length && source.charAt(end) !== quote) end += source.charAt(end) === "\\" ? 2 : 1;
  const fault = (what: string): TemplateError =>
    new TemplateError("syntax", `is not a Jinja template: ${what} (line ${line})`);
  if (end >= source.length) throw fault("a string has no end");
  const text = source
    .slice(begin + 1, end)
    .replaceAll(ESCAPE, (escape, x?: string, u?: string, U?: string, o?: string) => {
      const hex = x ?? u ?? U;
      if (hex !== undefined || o !== undefined) {
        const code = hex === undefined ? Number.parseInt(o ?? "", 8) : Number.parseInt(hex, 16);
        if (code > 0x10ffff) throw fault("an escape is beyond Unicode");
        return String.fromCodePoint(code);
      }
      const sign = escape.charAt(1);
      if ("xuUN".includes(sign)) throw fault(`the escape \\${sign} is not whole`);
      return SIMPLE[sign] ?? sign;
    });
  return { text, end: end + 1 };
}
