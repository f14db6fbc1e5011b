export interface CollectedTemplate {
  id: string;
  text: string;
}
export interface Python {
  python: string;
  env?: Record<string, string>;
}
export type Rendered = { text: string; error?: undefined } | { error: string; text?: undefined };
export interface Other {
  verdict: string;
  id: string;
  chat: string;
  want: Rendered;
  have: Rendered;
}
export const CALLS: readonly Record<string, unknown>[];
export function collectTemplates(python: Python, archives: readonly string[]): Promise<CollectedTemplate[]>;
export function renderByPython(
  python: Python,
  program: string,
  args: readonly string[],
  templates: readonly CollectedTemplate[],
  calls?: readonly Record<string, unknown>[],
): Promise<Rendered[][]>;
export function renderBy(
  Template: new (text: string) => { render(variables: Record<string, unknown>): string },
  templates: readonly CollectedTemplate[],
): Rendered[][];
export function compareRows(
  templates: readonly CollectedTemplate[],
  wanted: Rendered[][],
  got: Rendered[][],
): { counts: Record<string, number>; others: Other[] };
export function partingOf(other: Other): string;
