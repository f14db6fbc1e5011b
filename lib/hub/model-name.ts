/** How a model on the hub is named: `org/name`, `org/name@revision`, `org/name:Q8_0` for one file of a GGUF repository. */

/** The parts of such a name. */
export interface HubModelName {
  /** `org/name`, or a name alone where the model has no owner. */
  readonly id: string;
  /** A branch, a tag or a commit; null for the main branch. */
  readonly revision: string | null;
  /** Which of the GGUF files, as it stands behind the file's name: `Q8_0`; null where none is asked for. */
  readonly quant: string | null;
}

/** What the main branch is called. */
export const MAIN = "main";
/** A commit: what the hub calls `sha`. */
export const COMMIT = /^[0-9a-f]{40}$/;

const NAME = /^([^@:]+)(?:@([^:]+))?(?::([\w.-]+))?$/;
/** What the hub lets owners and models be called. */
const PART = /^\w(?:[\w.-]*\w)?$/;
const MAX_ID_LENGTH = 96;

/** Reads a name; null for what can be none, so that nothing of it leads out of the cache. */
export function parseHubName(text: string): HubModelName | null {
  const [, id = "", revision = null, quant = null] = NAME.exec(text) ?? [];
  const parts = id.split("/");
  const isId =
    parts.length <= 2 &&
    id.length <= MAX_ID_LENGTH &&
    parts.every((part) => PART.test(part) && !/--|\.\.|\.git$/.test(part));
  return isId && (revision === null || isRevision(revision)) ? { id, revision, quant } : null;
}

/** The name as it was written. */
export function hubNameText({ id, revision, quant }: HubModelName): string {
  return `${id}${revision === null ? "" : `@${revision}`}${quant === null ? "" : `:${quant}`}`;
}

/** Git's rules for names, and a little more. */
function isRevision(text: string): boolean {
  return text.length <= 200 && text.split("/").every((part) => PART.test(part) && !/\.\.|\.lock$/.test(part));
}
