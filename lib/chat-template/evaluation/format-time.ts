/** Python's strftime(), in English and the local time. */

const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];
const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

const CODES: Readonly<Record<string, (time: Date) => string>> = {
  Y: (time) => String(time.getFullYear()),
  y: (time) => padded(time.getFullYear() % 100),
  m: (time) => padded(time.getMonth() + 1),
  d: (time) => padded(time.getDate()),
  e: (time) => String(time.getDate()).padStart(2),
  B: (time) => MONTHS[time.getMonth()] ?? "",
  b: (time) => (MONTHS[time.getMonth()] ?? "").slice(0, 3),
  h: (time) => (MONTHS[time.getMonth()] ?? "").slice(0, 3),
  A: (time) => DAYS[time.getDay()] ?? "",
  a: (time) => (DAYS[time.getDay()] ?? "").slice(0, 3),
  w: (time) => String(time.getDay()),
  H: (time) => padded(time.getHours()),
  I: (time) => padded(time.getHours() % 12 || 12),
  p: (time) => (time.getHours() < 12 ? "AM" : "PM"),
  M: (time) => padded(time.getMinutes()),
  S: (time) => padded(time.getSeconds()),
  f: (time) => String(time.getMilliseconds() * 1000).padStart(6, "0"),
  j: (time) => String(dayOfYear(time)).padStart(3, "0"),
  F: (time) => formatTime(time, "%Y-%m-%d"),
  T: (time) => formatTime(time, "%H:%M:%S"),
  D: (time) => formatTime(time, "%m/%d/%y"),
  R: (time) => formatTime(time, "%H:%M"),
  // As Python gives them of a time without a zone.
  z: () => "",
  Z: () => "",
  "%": () => "%",
};

/** Codes that it does not know stay as they are; `%-d` is without zeros in front. */
export function formatTime(time: Date, format: string): string {
  return format.replaceAll(/%(-?)([a-zA-Z%])/g, (whole, bare: string, code: string) => {
    const text = CODES[code]?.(time);
    if (text === undefined) return whole;
    return bare === "" ? text : text.replace(/^[0 ]+(?=\d)/, "");
  });
}

function padded(number: number): string {
  return String(number).padStart(2, "0");
}

function dayOfYear(time: Date): number {
  const day = Date.UTC(time.getFullYear(), time.getMonth(), time.getDate());
  return (day - Date.UTC(time.getFullYear(), 0, 1)) / 86_400_000 + 1;
}
