/** Formats of JSON Schema as regular expressions, which leave nothing out that the check afterwards takes. */

/** A format. */
export interface StringFormat {
  readonly pattern: string;
  /** Whether the check afterwards takes all that it matches. */
  readonly isExact: boolean;
}

const exact = (pattern: string): StringFormat => ({ pattern: `^(?:${pattern})$`, isExact: true });
const roughly = (pattern: string): StringFormat => ({ pattern: `^(?:${pattern})$`, isExact: false });

const LEAP_YEAR = "\\d\\d(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00";
const DATE = [
  "\\d{4}-(?:0[13578]|1[02])-(?:0[1-9]|[12]\\d|3[01])",
  "\\d{4}-(?:0[469]|11)-(?:0[1-9]|[12]\\d|30)",
  "\\d{4}-02-(?:0[1-9]|1\\d|2[0-8])",
  `(?:${LEAP_YEAR})-02-29`,
].join("|");
// The second of a leap is allowed in any minute here.
const TIME =
  "(?:[01]\\d|2[0-3]):[0-5]\\d:(?:[0-5]\\d|60)(?:\\.\\d+)?(?:[Zz]|[+\\-](?:[01]\\d|2[0-3]):[0-5]\\d)";
const TIME_SPAN = "\\d+H(?:\\d+M(?:\\d+S)?)?|\\d+M(?:\\d+S)?|\\d+S";
const DATE_SPAN = "\\d+Y(?:\\d+M(?:\\d+D)?)?|\\d+M(?:\\d+D)?|\\d+D";
const DURATION = `P(?:\\d+W|(?:${DATE_SPAN})(?:T(?:${TIME_SPAN}))?|T(?:${TIME_SPAN}))`;
const LABEL = "[A-Za-z0-9](?:[A-Za-z0-9\\-]*[A-Za-z0-9])?";
const HOST = `${LABEL}(?:\\.${LABEL})*`;
const OCTET = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
const IPV4 = `${OCTET}(?:\\.${OCTET}){3}`;
const IPV6 = `(?:[\\dA-Fa-f]{0,4}:){2,7}(?:[\\dA-Fa-f]{0,4}|${IPV4})`;
const ATOM = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~\\-]+";
const QUOTED = '"(?:[ !#-\\[\\]-~]|\\\\[ -~])*"';
const EMAIL = `(?:${ATOM}(?:\\.${ATOM})*|${QUOTED})@(?:${HOST}|\\[(?:${IPV4}|[Ii][Pp][Vv]6:${IPV6})\\])`;
const URI_CHARACTERS = "(?:[A-Za-z0-9\\-._~:/?#\\[\\]@!$&'()*+,;=]|%[\\dA-Fa-f]{2})*";
const URI = `[A-Za-z][A-Za-z0-9+.\\-]*:${URI_CHARACTERS}`;
const POINTER = "(?:/(?:[^~/]|~0|~1)*)*";

const FORMATS: Readonly<Record<string, StringFormat>> = {
  date: exact(DATE),
  time: roughly(TIME),
  "date-time": roughly(`(?:${DATE})[Tt]${TIME}`),
  duration: exact(DURATION),
  email: roughly(EMAIL),
  hostname: roughly(HOST),
  ipv4: exact(IPV4),
  ipv6: roughly(IPV6),
  uri: roughly(URI),
  url: roughly(URI),
  "uri-reference": roughly(URI_CHARACTERS),
  uuid: exact("[\\dA-Fa-f]{8}-(?:[\\dA-Fa-f]{4}-){3}[\\dA-Fa-f]{12}"),
  "json-pointer": exact(POINTER),
  "relative-json-pointer": exact(`(?:0|[1-9]\\d*)(?:#|${POINTER})`),
};

/** Formats that the check afterwards knows, and that no grammar says. */
const CHECKED_AFTER = new Set(["regex", "uri-template", "json-pointer-uri-fragment"]);

/** How a format is written; null where a grammar says nothing of it. */
export function formatNamed(name: string): StringFormat | null {
  return Object.hasOwn(FORMATS, name) ? (FORMATS[name] ?? null) : null;
}

export function isCheckedAfter(name: string): boolean {
  return CHECKED_AFTER.has(name);
}
