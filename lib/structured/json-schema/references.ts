/** References of a JSON Schema: all of them point into it. Nothing is ever fetched. */
import { dereference } from "@cfworker/json-schema";

import { describe } from "../../errors/errors.js";
import { isSchemaObject, visitSchemas, type SchemaObject } from "./visit-schemas.js";

/** Where the validator notes down a reference with its base. */
const ABSOLUTE = "__absolute_ref__";

/** Pointers that the grammar compiler does not follow: through a list, and with a name that has to be written otherwise. */
const HARD_POINTER = /~|\/(?:allOf|anyOf|oneOf|prefixItems|items)\/\d+(?:\/|$)/;

/** @throws Error with the first reference that points to nothing in the schema */
export function checkReferences(schema: SchemaObject): void {
  targetsIn(schema);
}

/**
 * `$dynamicRef` and `$dynamicAnchor` as `$ref` and `$anchor`, which is what they are where an anchor's name is there once.
 *
 * @returns the schema itself
 * @throws Error where it is there twice: which is meant depends on the way that led there
 */
export function withPlainReferences(schema: SchemaObject): SchemaObject {
  const anchors = new Set<unknown>();
  visitSchemas(schema, (part) => {
    const { $anchor, $dynamicAnchor: anchor } = part;
    if (anchor === undefined) return;
    if (anchors.has(anchor)) {
      throw new Error(`The $dynamicAnchor ${JSON.stringify(anchor)} is there twice, which is not supported.`);
    }
    anchors.add(anchor);
    delete part["$dynamicAnchor"];
    part["$anchor"] = $anchor ?? anchor;
  });
  visitSchemas(schema, (part) => {
    const { $ref, $dynamicRef: reference, allOf } = part;
    if (reference === undefined) return;
    delete part["$dynamicRef"];
    if ($ref === undefined) part["$ref"] = reference;
    else part["allOf"] = [...(Array.isArray(allOf) ? allOf : []), { $ref: reference }];
  });
  return schema;
}

/**
 * Every reference as a pointer from the root, which is all that the grammar compiler follows: it takes others for
 * "anything", with a warning on stderr, or fails.
 *
 * @returns the schema itself
 * @throws Error as {@link checkReferences}
 */
export function withPointers(schema: SchemaObject): SchemaObject {
  const targets = targetsIn(withPlainReferences(schema));
  const pointers = new Map<unknown, string>();
  visitSchemas(schema, (part, pointer) => pointers.set(part, `#${pointer}`));
  const moved: SchemaObject = {};
  for (const [part, target] of targets) {
    let pointer = pointers.get(target);
    if (pointer === undefined) {
      delete part["$ref"]; // to `true`, or to `false`, which the check afterwards sees
      continue;
    }
    if (HARD_POINTER.test(pointer)) {
      const name = `reference-${Object.keys(moved).length}`;
      moved[name] = target;
      pointer = `#/$defs/${name}`;
      pointers.set(target, pointer);
    }
    part["$ref"] = pointer;
  }
  const { $defs } = schema;
  if (Object.keys(moved).length > 0) schema["$defs"] = { ...(isSchemaObject($defs) ? $defs : {}), ...moved };
  return schema;
}

/**
 * Each schema that is a reference, with what it points to. Those of a `$recursiveRef` point to the whole.
 *
 * @throws Error as {@link checkReferences}
 */
export function referenceTargets(schema: SchemaObject): Map<SchemaObject, unknown> {
  return targetsIn(withPlainReferences(schema));
}

function targetsIn(schema: SchemaObject): Map<SchemaObject, unknown> {
  const known: Readonly<Record<string, unknown>> = dereference(schema);
  const targets = new Map<SchemaObject, unknown>();
  visitSchemas(schema, (part, pointer) => {
    const { $ref, $recursiveRef, [ABSOLUTE]: absolute } = part;
    if ($recursiveRef !== undefined && $recursiveRef !== "#") {
      throw new Error(`Expected "#" as $recursiveRef at #${pointer} but received another.`);
    }
    if ($ref === undefined && $recursiveRef === "#") targets.set(part, schema);
    if ($ref === undefined) return;
    if (typeof $ref !== "string")
      throw new Error(`Expected a string as $ref at #${pointer} but received ${describe($ref)}.`);
    const target = known[typeof absolute === "string" ? absolute : $ref];
    if (target === undefined) throw new Error(whyUnresolved($ref, pointer));
    targets.set(part, target);
  });
  return targets;
}

function whyUnresolved($ref: string, pointer: string): string {
  const reason = $ref.startsWith("#")
    ? "this schema has nothing there"
    : "it is not a part of this schema, and nothing is fetched. Put what it names under $defs";
  return `The $ref ${JSON.stringify($ref)} at #${pointer} points to nothing: ${reason}.`;
}
