// Links and headings of Markdown texts, for the site and for the tests that look for dead ones.

const CODE = String.raw`^ *${"```"}.*?^ *${"```"}|${"`"}[^${"`"}\n]*${"`"}`;
const LINK = String.raw`(!?)\[((?:[^[\]]|\[[^[\]]*\])*)\]\(([^()\s]+)\)`;

/** The anchor of a heading, as git hosts and npm make it. */
export function slugOf(heading) {
  return heading
    .replaceAll(/\]\([^)]*\)/g, "")
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
    .trim()
    .replaceAll(" ", "-");
}

/** The anchors of all headings; the second of a name ends in "-1". */
export function anchorsOf(text) {
  const counts = new Map();
  const prose = text.replaceAll(/^```.*?^```/gms, "");
  return new Set(
    [...prose.matchAll(/^#+ (.*)$/gm)].map(([, heading]) => {
      const slug = slugOf(heading);
      const count = counts.get(slug) ?? 0;
      counts.set(slug, count + 1);
      return count === 0 ? slug : `${slug}-${count}`;
    }),
  );
}

/** Targets of all links and images within the repository, without those in code. */
export function relativeLinksOf(text) {
  const targets = [];
  withLinks(text, ({ whole, target }) => {
    targets.push(target);
    return whole;
  });
  return targets.filter((target) => !/^[a-z]+:/.test(target));
}

/** The text with each link and image replaced by what `change` makes of it; code stays as it is. */
export function withLinks(text, change) {
  return text.replaceAll(new RegExp(`${CODE}|${LINK}`, "gms"), (whole, mark, label, target) =>
    target === undefined ? whole : change({ whole, isImage: mark === "!", text: label, target }),
  );
}
