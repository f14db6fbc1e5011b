/** Why a template gives no text: "syntax" before it runs, "refused" by itself, "bounds" as it does not come to an end. */
export type TemplateErrorKind = "syntax" | "refused" | "failed" | "bounds";

/** What a template ends with; its message is for a person. */
export class TemplateError extends Error {
  /** Why. */
  readonly kind: TemplateErrorKind;

  constructor(kind: TemplateErrorKind, message: string) {
    super(message);
    this.kind = kind;
  }
}

/** A template that does what Python refuses. */
export function failed(message: string): TemplateError {
  return new TemplateError("failed", message);
}
