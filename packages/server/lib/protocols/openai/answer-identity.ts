import { randomUUID } from "node:crypto";

/** What an answer and all its events have in common. */
export interface AnswerIdentity {
  readonly id: string;
  readonly created: number;
  readonly model: string;
  readonly system_fingerprint: string;
}

/** @param prefix - what its kind of answers begins with: "chatcmpl-" */
export function newIdentity(
  prefix: string,
  { name, fingerprint }: { readonly name: string; readonly fingerprint: string },
): AnswerIdentity {
  return {
    id: newId(prefix),
    created: Math.floor(Date.now() / 1000),
    model: name,
    system_fingerprint: fingerprint,
  };
}

/** A new id behind what its kind begins with. */
export function newId(prefix: string): string {
  return `${prefix}${randomUUID().replaceAll("-", "")}`;
}
