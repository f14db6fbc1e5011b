/**
 * HTML as a value. Text becomes part of a page only through `html`, which escapes it: a model's label, an error message or
 * a manifest may hold anything. Pure.
 */

/** HTML that is safe to put into a page. */
export interface Markup {
  readonly markup: string;
}

/** What a template takes: text is escaped, null is nothing, lists are joined. */
export type Part = Markup | string | number | null | readonly Part[];

/** A template whose values are escaped where they are not markup. */
export function html(texts: TemplateStringsArray, ...values: readonly Part[]): Markup {
  const markup = texts.map((text, index) => text + rendered(values[index] ?? null)).join("");
  return { markup };
}

/** Marks text as HTML; for what does not come from data, and for what a renderer has escaped. */
export function trusted(markup: string): Markup {
  return { markup };
}

/** Text for an element or for an attribute in double quotes. */
export function escapeText(text: string): string {
  return (
    text
      // What HTML allows nowhere, not even as a reference.
      .replaceAll(/[^\P{Cc}\t\n\r]/gu, "\ufffd")
      .replaceAll("&", "&amp;")
      .replaceAll("<", "&lt;")
      .replaceAll(">", "&gt;")
      .replaceAll('"', "&quot;")
      .replaceAll("'", "&#39;")
  );
}

function rendered(part: Part): string {
  if (part === null) return "";
  if (typeof part === "string") return escapeText(part);
  if (typeof part === "number") return String(part);
  return "markup" in part ? part.markup : part.map(rendered).join("");
}
