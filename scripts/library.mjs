/**
 * A module of the compiled library, which a bare clone does not have yet.
 * @param {string} module its path in dist/, without the ending
 */
export const library = (module) => import(new URL(`../dist/${module}.js`, import.meta.url).href);
