/** White space as JSON has it between tokens. */
export function isWhitespace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

/** White space of any kind, zero-width spaces and the byte order mark among it: models write it where JSON's belongs. */
export function isSpace(code: number): boolean {
  if (code < 0x80) return code === 0x20 || (code >= 0x09 && code <= 0x0d);
  return (
    code === 0x85 ||
    code === 0xa0 ||
    code === 0x1680 ||
    (code >= 0x2000 && code <= 0x200d) ||
    code === 0x2028 ||
    code === 0x2029 ||
    code === 0x202f ||
    code === 0x205f ||
    code === 0x2060 ||
    code === 0x3000 ||
    code === 0xfeff
  );
}

export function isNewline(code: number): boolean {
  return code === 0x0a || code === 0x0d;
}

export function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

export function isHexDigit(code: number): boolean {
  return isDigit(code) || (code >= 0x41 && code <= 0x46) || (code >= 0x61 && code <= 0x66);
}

/** What names of functions, parameters and constants consist of. */
export function isOfIdentifier(code: number): boolean {
  if (code >= 0x80) return !isSpace(code);
  return isDigit(code) || /[A-Za-z_.-]/.test(String.fromCharCode(code));
}

/** Text as JSON writes it in a string. Halves of a character pass as they are: they come one after the other. */
export function jsonOfText(text: string): string {
  const isHalf = text.length === 1 && text >= "\ud800" && text <= "\udfff";
  return isHalf ? text : JSON.stringify(text).slice(1, -1);
}
