import { describe, expect, test } from "vitest";
import {
  formatBytes,
  formatCount,
  formatFigure,
  formatMs,
  formatSeconds,
  formatTable,
  printable,
} from "../../../../lib/cli/terminal/format.js";

describe("figures", () => {
  test("have three significant digits, or all before the point", () => {
    expect([0, 0.123, 9.876, 24.34, 99.94, 520.4, 1520.6].map(formatFigure)).toEqual([
      "0.00",
      "0.12",
      "9.88",
      "24.3",
      "99.9",
      "520",
      "1,521",
    ]);
  });

  test("carry their unit", () => {
    expect(formatMs(24.34)).toBe("24.3 ms");
    expect(formatSeconds(1312)).toBe("1.31 s");
    expect(formatSeconds(61_000)).toBe("61.0 s");
  });

  test("of bytes step by 1000, as disks are sold", () => {
    expect([0, 999, 1000, 94_600_000, 24_684_092_000, 5e15].map(formatBytes)).toEqual([
      "0 B",
      "999 B",
      "1.00 kB",
      "94.6 MB",
      "24.7 GB",
      "5,000 TB",
    ]);
  });

  test("count one thing in the singular", () => {
    expect([0, 1, 2, 8192].map((count) => formatCount(count, "token"))).toEqual([
      "0 tokens",
      "1 token",
      "2 tokens",
      "8,192 tokens",
    ]);
  });
});

describe("formatTable", () => {
  test("aligns the values and puts further lines of a value under its first", () => {
    expect(
      formatTable([
        ["a", "1"],
        ["long", "2\n3"],
      ]),
    ).toEqual(["  a     1", "  long  2", "        3"]);
  });

  test("is empty without rows", () => {
    expect(formatTable([])).toEqual([]);
  });
});

describe("printable", () => {
  test("takes the terminal's commands out of a model's text", () => {
    expect(printable("\u001b[2Jred\u001b]0;title\u0007\u009b1m\r\u0000")).toBe("[2Jred]0;title1m");
  });

  test("keeps line ends, tabs and characters of every size", () => {
    expect(printable("a\tb\nZürich: ✓🙂")).toBe("a\tb\nZürich: ✓🙂");
  });
});
