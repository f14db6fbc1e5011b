/** Tables and ratios of reports in Markdown. Pure. */

/** A ratio with its interval: "1.250 (1.200 to 1.300)". */
export function ratioText({
  ratio,
  low,
  high,
}: {
  readonly ratio: number;
  readonly low: number;
  readonly high: number | null;
}): string {
  return `${ratio.toFixed(3)} (${low.toFixed(3)} to ${high?.toFixed(3) ?? "?"})`;
}

/** A table; bars and line ends in cells are taken care of. */
export function markdownTable(header: readonly string[], rows: ReadonlyArray<readonly string[]>): string[] {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replaceAll("\n", " ")).join(" | ")} |`;
  return [line(header), line(header.map(() => "---")), ...rows.map(line)];
}
