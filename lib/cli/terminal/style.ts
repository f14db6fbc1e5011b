/** Marks text on a terminal that shows colours; elsewhere the text stays as it is. */
export interface Style {
  readonly strong: (text: string) => string;
  readonly faint: (text: string) => string;
  readonly good: (text: string) => string;
  readonly warning: (text: string) => string;
  readonly bad: (text: string) => string;
}

/** The style for a stream: plain where it is no terminal, and where NO_COLOR, NODE_DISABLE_COLORS or TERM=dumb say so. */
export function styleFor(stream: NodeJS.WriteStream): Style {
  const hasColors = stream.isTTY && stream.hasColors();
  const mark = (on: number, off: number) => (text: string) =>
    hasColors ? `\u001b[${on}m${text}\u001b[${off}m` : text;
  return {
    strong: mark(1, 22),
    faint: mark(2, 22),
    good: mark(32, 39),
    warning: mark(33, 39),
    bad: mark(31, 39),
  };
}
