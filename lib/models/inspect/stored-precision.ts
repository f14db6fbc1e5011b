import { openVinoType } from "./element-types.js";
import { attributesOf } from "../files/xml-tags.js";
import { scanTags } from "./ir-tags.js";

/**
 * What most numbers in the constants of an IR are: "INT4". It asks for types and sizes alone, so it is quicker than an
 * inspection; null where there are none.
 *
 * @throws OpenVinoLlmError `ERR_MODEL_LOAD` when the file cannot be read or is no XML.
 */
export async function storedPrecision(xmlPath: string): Promise<string | null> {
  const counts = new Map<string, number>();
  await scanTags(xmlPath, (tag) => {
    if (!tag.startsWith("<data ") || !tag.includes(" offset=")) return;
    const data = attributesOf(tag);
    const type = openVinoType(data.get("element_type") ?? "");
    const elements = (Number(data.get("size")) * 8) / (type?.bits ?? 8);
    if (type !== null && elements > 0)
      counts.set(type.precision, (counts.get(type.precision) ?? 0) + elements);
  });
  return [...counts].sort(([, a], [, b]) => b - a).at(0)?.[0] ?? null;
}
