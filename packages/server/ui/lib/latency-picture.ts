/** A picture of the time that each token took: a point for each, on a logarithmic scale. */
import { make } from "./dom.js";
import { durationText } from "./figures.js";

const SVG = "http://www.w3.org/2000/svg";
/** The picture's own units; it is stretched to the room that it has. */
const [WIDTH, HEIGHT] = [1000, 100];
/** Places for so many tokens from the beginning on. */
const MIN_PLACES = 48;
/** The resolution of a page's clock, in milliseconds. */
const MIN_MS = 0.1;

export class LatencyPicture {
  readonly element = make("figure", "latency");
  readonly #svg = document.createElementNS(SVG, "svg");
  readonly #grid = this.#path("grid");
  readonly #line = this.#path("line");
  readonly #first = this.#path("first");
  readonly #points = this.#path("points");
  readonly #labels = make("div", "scale");

  constructor() {
    this.#svg.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
    this.#svg.setAttribute("preserveAspectRatio", "none");
    this.#svg.setAttribute("role", "img");
    this.#svg.append(this.#grid, this.#line, this.#points, this.#first);
    this.#labels.setAttribute("aria-hidden", "true");
    const frame = make("div", "frame");
    frame.append(this.#labels, this.#svg);
    this.element.append(
      frame,
      make("figcaption", "note", "Time to each token; the first waits for the prompt"),
    );
    this.element.hidden = true;
  }

  /** @param gapsMs - of each token the time since the one before it; of the first since the request was sent */
  draw(gapsMs: readonly number[]): void {
    const [first] = gapsMs;
    if (first === undefined) return;
    this.element.hidden = false;
    const exponents = gapsMs.map((ms) => Math.log10(Math.max(ms, MIN_MS)));
    const [low, high] = boundsOf(exponents);
    const yOf = (exponent: number): number => HEIGHT * (1 - (exponent - low) / (high - low));
    const places = Math.max(MIN_PLACES, gapsMs.length);
    const points = exponents.map(
      (exponent, index) => `${rounded(((index + 0.5) * WIDTH) / places)} ${rounded(yOf(exponent))}`,
    );
    this.#line.setAttribute("d", points.map((point, index) => `${index === 0 ? "M" : "L"}${point}`).join(""));
    // A line without length and with round ends is a point, which stretching leaves round.
    const dots = points.map((point) => `M${point}h0`);
    this.#first.setAttribute("d", dots[0] ?? "");
    this.#points.setAttribute("d", dots.slice(1).join(""));
    this.#drawScale(low, high, yOf);
    const longest = gapsMs.slice(1).reduce((most, gap) => Math.max(most, gap), 0);
    const after = gapsMs.length < 2 ? "" : `, at most ${durationText(longest)} to a later one`;
    this.#svg.setAttribute(
      "aria-label",
      `Latency of ${gapsMs.length} tokens: ${durationText(first)} to the first${after}`,
    );
  }

  #drawScale(low: number, high: number, yOf: (exponent: number) => number): void {
    const exponents = Array.from({ length: high - low + 1 }, (_, index) => low + index);
    this.#grid.setAttribute("d", exponents.map((exponent) => `M0 ${yOf(exponent)}H${WIDTH}`).join(""));
    // Made anew only where the scale has changed.
    const scale = `${low} ${high}`;
    if (this.#labels.dataset["scale"] === scale) return;
    this.#labels.dataset["scale"] = scale;
    this.#labels.replaceChildren(
      ...exponents.map((exponent) => {
        const label = make("span", "", powerText(exponent));
        label.style.top = `${yOf(exponent)}%`;
        return label;
      }),
    );
  }

  #path(className: string): SVGPathElement {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("class", className);
    return path;
  }
}

/** Whole powers of ten around all, at least two decades. */
function boundsOf(exponents: readonly number[]): [low: number, high: number] {
  const low = Math.floor(exponents.reduce((least, one) => Math.min(least, one), Infinity));
  const high = Math.ceil(exponents.reduce((most, one) => Math.max(most, one), -Infinity));
  return [low, Math.max(high, low + 2)];
}

/** "10 ms", "1 s". */
function powerText(exponent: number): string {
  return exponent >= 3 ? `${10 ** (exponent - 3)} s` : `${10 ** exponent} ms`;
}

function rounded(value: number): string {
  return value.toFixed(1);
}
