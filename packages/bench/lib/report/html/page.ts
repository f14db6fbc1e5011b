import type { Section } from "./context.js";
import { html, trusted, type Markup } from "./markup.js";
import { STYLE } from "./style.js";

/**
 * The whole document. The policy forbids every request and every script, so that what a model's name or an error smuggles
 * in could do nothing even if it got through.
 */
export function page(title: string, head: Markup, sections: readonly Section[]): string {
  const document = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
        />
        <meta name="generator" content="openvino-llm" />
        <title>${title}</title>
        <link rel="icon" href="data:," />
        <style>
          ${trusted(STYLE)}
        </style>
      </head>
      <body>
        ${head}
        <nav aria-label="Sections">
          ${sections.map(({ id, title: name }) => html`<a href="#${id}">${name}</a> `)}
        </nav>
        <main>
          ${sections.map(
            ({ id, title: name, content }) =>
              html`<section id="${id}" aria-labelledby="${id}-title">
                <h2 id="${id}-title">${name}</h2>
                ${content}
              </section>`,
          )}
        </main>
      </body>
    </html>`;
  return `${document.markup}\n`;
}
