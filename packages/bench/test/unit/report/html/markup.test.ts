import { describe, expect, it } from "vitest";
import { flatten } from "../../../../lib/report/html/flatten.js";
import { escapeText, html, trusted } from "../../../../lib/report/html/markup.js";

describe("html", () => {
  it("escapes whatever is put into it, in elements and in attributes", () => {
    const hostile = `<script>alert("1")</script>&'`;
    expect(html`<p title="${hostile}">${hostile}</p>`.markup).toBe(
      '<p title="&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;&#39;">' +
        "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;&#39;</p>",
    );
  });

  it("takes markup as it is, joins lists, and leaves null out", () => {
    expect(html`<p>${[html`<b>1</b>`, null, 2, ["<"]]}${trusted("<i></i>")}</p>`.markup).toBe(
      "<p><b>1</b>2&lt;<i></i></p>",
    );
  });

  it("replaces characters that no page may have", () => {
    expect(escapeText("a\u0000b\u001bc\td\n")).toBe("a\ufffdb\ufffdc\td\n");
  });
});

describe("flatten", () => {
  it("has every field by its path", () => {
    const value = {
      name: "x",
      cpu: { cores: 4, turbo: true, model: null, flags: ["avx2", "fma"] },
      caches: [
        { level: 1, size: "32K" },
        { level: 2, of: { a: 1 } },
      ],
      rssBytes: { after: 3 * 2 ** 30 },
      load: [0.1, 1 / 3],
      empty: {},
      none: [],
    };
    expect(flatten(value)).toEqual([
      ["name", "x"],
      ["cpu.cores", "4"],
      ["cpu.turbo", "yes"],
      ["cpu.model", "–"],
      ["cpu.flags", "avx2, fma"],
      ["caches.0", "level 1, size 32K"],
      ["caches.1.level", "2"],
      ["caches.1.of.a", "1"],
      ["rssBytes.after", "3.00 GiB (3221225472)"],
      ["load", "0.1, 0.333333"],
      ["empty", "none"],
      ["none", "none"],
    ]);
  });
});
