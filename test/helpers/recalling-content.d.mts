import type { GgufContent } from "../../lib/models/gguf/gguf-writer.js";

/** Both are printable ASCII. */
export function recallingContent(
  content: GgufContent,
  what: { readonly seen: string; readonly recalled: string },
): GgufContent;
