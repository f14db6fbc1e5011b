/** The engine beside Python's Jinja2, which is asked once for all that is compared. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Template } from "../../../lib/chat-template/template.js";
import { unzipWheel } from "../../../lib/download/python.js";
import { fetchWheel } from "../../../lib/download/wheels.js";
import {
  collectTemplates,
  compareRows,
  partingOf,
  renderBy,
  renderByPython,
  type Rendered,
} from "../../../scripts/template-comparison/compare.mjs";
import { JINJA, SMALL_SOURCES } from "../../../scripts/template-comparison/wheels.mjs";
import { given, need } from "../../helpers/needs.js";
import { findPython311 } from "../../helpers/oracle.js";
import { EXPRESSIONS, REFUSED, TEMPLATES, VARIABLES } from "./constructs.js";

const command = await findPython311();
const python = need("Python 3.11", command !== null);
/** For wheels that are not kept yet. */
const FETCH_MS = 300_000;

let site = "";
const jinja = (): { python: string; env: Record<string, string> } => ({
  python: command ?? "",
  env: { PYTHONPATH: site, PYTHONNOUSERSITE: "1" },
});

beforeAll(async () => {
  site = await mkdtemp(join(tmpdir(), "openvino-llm-jinja-"));
  if (command === null) return;
  for (const wheel of JINJA) await unzipWheel(await fetchWheel(wheel), site);
}, FETCH_MS);
afterAll(() => rm(site, { recursive: true, force: true }));

function rendered(template: string): Rendered {
  try {
    return { text: new Template(template).render(VARIABLES) };
  } catch (error) {
    return { error: (error as Error).message };
  }
}

async function byJinja(templates: readonly string[]): Promise<Rendered[]> {
  const rows = await renderByPython(
    jinja(),
    "render.py",
    [],
    templates.map((text) => ({ id: text, text })),
    [VARIABLES],
  );
  return rows.map(([first = { error: "nothing" }]) => first);
}

describe("the template engine", () => {
  it("renders what Jinja2 renders, construct by construct", given(python), async () => {
    const templates = [...EXPRESSIONS.map((expression) => `{{ ${expression} }}`), ...TEMPLATES];
    const wanted = await byJinja(templates);
    expect(wanted.filter(({ error }) => error !== undefined)).toEqual([]);
    expect(templates.map((text) => [text, rendered(text)])).toEqual(
      templates.map((text, i) => [text, wanted[i]]),
    );
  });

  it("refuses what Jinja2 refuses", given(python), async () => {
    const wanted = await byJinja(REFUSED);
    expect(REFUSED.filter((_, i) => wanted[i]?.error === undefined)).toEqual([]);
    expect(REFUSED.filter((text) => rendered(text).error === undefined)).toEqual([]);
  });

  it(
    "renders public templates as Jinja2 does, and refuses the same",
    { ...given(python), timeout: FETCH_MS },
    async () => {
      const archives: string[] = [];
      for (const wheel of SMALL_SOURCES) archives.push(await fetchWheel(wheel));
      const templates = await collectTemplates(jinja(), archives);
      const wanted = await renderByPython(jinja(), "render.py", [], templates);
      const { counts, others } = compareRows(templates, wanted, renderBy(Template, templates));
      expect(others.map((other) => `${other.id} | ${other.chat}: ${partingOf(other)}`)).toEqual([]);
      expect(counts["equal"]).toBeGreaterThan(1000);
    },
  );
});
