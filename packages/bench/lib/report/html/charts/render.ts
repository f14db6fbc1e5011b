/** Draws charts as SVG, by Vega-Lite and Vega, without a browser. */
import { html, trusted, type Markup } from "../markup.js";
import { CHART_CONFIG, type Chart, type ChartSpec } from "./chart.js";

/** Draws one chart. */
export type DrawChart = (chart: Chart) => Promise<Markup>;

/** Of both libraries what is used here. */
interface Vega {
  parse(spec: object): object;
  View: new (runtime: object, options: object) => { toSVG(): Promise<string>; finalize(): unknown };
}

interface VegaLite {
  compile(spec: ChartSpec, options: object): { spec: object };
}

/**
 * In variables, so that the compiler does not look for the libraries' types: those need a browser's, which neither this
 * library nor every user of it has.
 */
const VEGA: string = "vega";
const VEGA_LITE: string = "vega-lite";

/** Loads both libraries, when the first report is made and not before. */
export async function loadRenderer(): Promise<DrawChart> {
  const [vega, vegaLite] = (await Promise.all([import(VEGA), import(VEGA_LITE)])) as [Vega, VegaLite];
  return async (chart) => {
    const { spec } = vegaLite.compile(chart.spec, { config: CHART_CONFIG, logger: SILENT });
    const view = new vega.View(vega.parse(spec), { renderer: "none", logger: SILENT });
    const svg = await view.toSVG();
    view.finalize();
    return framed(chart, svg);
  };
}

/** The drawing with a name, and with ids that no other one on the page has. */
function framed({ id, description, width, height }: Chart, svg: string): Markup {
  // The library counts through all drawings of the process; of the same data the same page is made.
  const names = new Map<string, string>();
  const own = (name: string) => {
    names.set(name, names.get(name) ?? `${id}-${names.size + 1}`);
    return names.get(name) ?? name;
  };
  const drawing = svg
    .replace(/^[\s\S]*?<svg[^>]*>/, "")
    .replace(/<\/svg>\s*$/, "")
    .replaceAll(/\bid="([^"]+)"/g, (_, name: string) => `id="${own(name)}"`)
    .replaceAll(/url\(#([^)]+)\)/g, (_, name: string) => `url(#${own(name)})`);
  return html`<svg
    class="chart"
    role="img"
    aria-label="${description}"
    viewBox="0 0 ${width} ${height}"
    style="max-width: ${Math.round(width * 1.2)}px"
  >
    ${trusted(drawing)}
  </svg>`;
}

/** A library prints nothing; what is odd in a chart, the tests see. */
const SILENT = {
  level: () => SILENT,
  error: () => SILENT,
  warn: () => SILENT,
  info: () => SILENT,
  debug: () => SILENT,
};
