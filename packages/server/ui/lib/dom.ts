/** Finding and making elements. Text is set as text, never as markup. */

/**
 * An element of the page by its id.
 *
 * @throws Error where the page has none of that kind
 */
export function byId<Found extends HTMLElement>(id: string, kind: new () => Found): Found {
  const element = document.getElementById(id);
  if (element instanceof kind) return element;
  throw new Error(`Expected a ${kind.name} with the id ${id} but the page has none.`);
}

/** A new element. */
export function make<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  className = "",
  text = "",
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  if (className !== "") element.className = className;
  if (text !== "") element.textContent = text;
  return element;
}

/** Sets text only where it differs, so that a selection in it stays. */
export function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
