/** Patterns of file names, as the hub's own clients read them: a star stands for slashes, too. */

/** Whether a path fits one of the patterns: `*`, `?`, `[a-z]`, `[!a-z]`; what ends with a slash is all below that folder. */
export function fitsOne(path: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => expressionOf(pattern).test(path));
}

function expressionOf(pattern: string): RegExp {
  const whole = pattern.endsWith("/") ? `${pattern}*` : pattern;
  const source = whole.replaceAll(/\*+|\?|\[!?\]?[^\]]*\]|[^*?[]+|\[/g, (part) => {
    if (part.startsWith("*")) return "[^]*";
    if (part === "?") return "[^]";
    if (part.length > 2 && part.startsWith("[")) {
      const [, not = "", set = ""] = /^\[(!?)([^]*)\]$/.exec(part) ?? [];
      return `[${not && "^"}${set.replaceAll(/[\\\]^[]/g, (sign) => `\\${sign}`)}]`;
    }
    return part.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, (sign) => `\\${sign}`);
  });
  try {
    return new RegExp(`^${source}$`);
  } catch {
    // A range that runs backwards fits nothing.
    return /(?!)/;
  }
}
