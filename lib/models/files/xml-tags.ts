/** Reading of XML tags as OpenVINO writes them, in time in proportion to their length. */

/** Where the tag that begins at a place ends: at a `>` outside quotes, as a chat template may hold some. -1 when it does not end. */
export function endOfTag(xml: string, start: number): number {
  const delimiter = /[>"']/g;
  delimiter.lastIndex = start;
  for (let found = delimiter.exec(xml); found !== null; found = delimiter.exec(xml)) {
    if (found[0] === ">") return found.index;
    const closing = xml.indexOf(found[0], found.index + 1);
    if (closing === -1) return -1;
    delimiter.lastIndex = closing + 1;
  }
  return -1;
}

/** The attributes of a tag, their values as they stand in the file. */
export function attributesOf(tag: string): Map<string, string> {
  const attributes = new Map<string, string>();
  const begin = tag.search(/\s/);
  if (begin === -1) return attributes;
  // Sticky: each attribute begins where the one before ended.
  const attribute = /\s+([^\s="'<>]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/y;
  attribute.lastIndex = begin;
  for (let found = attribute.exec(tag); found !== null; found = attribute.exec(tag)) {
    const [, name = "", a, b] = found;
    attributes.set(name, a ?? b ?? "");
  }
  return attributes;
}

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ["lt", "<"],
  ["gt", ">"],
  ["amp", "&"],
  ["quot", '"'],
  ["apos", "'"],
]);

/** The text that an attribute's value stands for; entities that XML does not know stay. */
export function unescapeXml(value: string): string {
  return value.replaceAll(/&(#x?)?(\w+);/g, (entity, number: string | undefined, name: string) => {
    if (number === undefined) return ENTITIES.get(name) ?? entity;
    const code = Number.parseInt(name, number === "#" ? 10 : 16);
    return code >= 0 && code <= 0x10ffff ? String.fromCodePoint(code) : entity;
  });
}
