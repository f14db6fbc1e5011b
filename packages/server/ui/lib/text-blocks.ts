/** An answer's text as prose and code. */

/** A piece of an answer. */
export interface TextBlock {
  readonly kind: "prose" | "code";
  readonly text: string;
}

const FENCE = /^ {0,3}(`{3,}|~{3,})(.*)$/;

/** Cuts at lines of three or more backticks or tildes, as Markdown has them. A fence that has not ended yet is code too. */
export function textBlocks(text: string): TextBlock[] {
  const blocks: TextBlock[] = [];
  let lines: string[] = [];
  let fence: string | null = null;
  const end = (kind: TextBlock["kind"]): void => {
    const joined = lines.join("\n");
    lines = [];
    if (kind === "code") blocks.push({ kind, text: joined });
    else if (joined.trim() !== "") blocks.push({ kind, text: joined.replace(/^(?: *\n)+|\s+$/g, "") });
  };
  for (const line of text.split("\n")) {
    const [, marks = "", info = ""] = FENCE.exec(line) ?? [];
    if (fence === null && marks !== "" && !info.includes("`")) {
      end("prose");
      fence = marks;
    } else if (fence !== null && marks.startsWith(fence) && info.trim() === "") {
      end("code");
      fence = null;
    } else lines.push(line);
  }
  end(fence === null ? "prose" : "code");
  return blocks;
}
