// What a terminal shows after a program has written to it: @xterm/headless reads the escape sequences.

/**
 * @typedef {{ text: string, column: number, columns: number, isBold: boolean, isDim: boolean }} Run cells of one look, next to
 *   each other
 */

/**
 * @param {typeof import("@xterm/headless").Terminal} Terminal
 * @param {string} output what the program wrote, escape sequences included
 * @param {{ columns: number, rows: number }} size of the terminal
 * @returns {Promise<Run[][]>} the lines from the first to the last that is not empty, scrolled-off ones included
 */
export async function screenAfter(Terminal, output, { columns, rows }) {
  const terminal = new Terminal({ cols: columns, rows, scrollback: 10_000, allowProposedApi: true });
  await new Promise((written) => terminal.write(output, written));
  const buffer = terminal.buffer.active;
  const lines = [];
  for (let row = 0; row < buffer.length; row++) lines.push(runsOf(buffer.getLine(row), columns));
  terminal.dispose();
  const isEmpty = (line) => line.every(({ text }) => text.trim() === "");
  return lines.slice(
    lines.findIndex((line) => !isEmpty(line)),
    lines.findLastIndex((line) => !isEmpty(line)) + 1,
  );
}

/** @returns {Run[]} */
function runsOf(line, columns) {
  const runs = [];
  for (let column = 0; column < columns; column++) {
    const cell = line.getCell(column);
    const [isBold, isDim] = [cell.isBold() !== 0, cell.isDim() !== 0];
    const text = cell.getChars() || " ";
    const last = runs.at(-1);
    if (last !== undefined && last.isBold === isBold && last.isDim === isDim) {
      last.text += text;
      last.columns += cell.getWidth();
    } else runs.push({ text, column, columns: cell.getWidth(), isBold, isDim });
  }
  return runs;
}
