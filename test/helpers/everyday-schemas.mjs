// Ten schemas as applications have them, each with answers that must be possible.
import { z } from "zod";

const category = z.object({
  name: z.string().min(1),
  get children() {
    return z.array(category);
  },
});

export const EVERYDAY = {
  price: {
    schema: z.object({ price: z.number().min(0), currency: z.enum(["EUR", "USD"]) }),
    values: [
      { price: 0.99, currency: "EUR" },
      { price: 0, currency: "USD" },
      { price: 1234567.5, currency: "EUR" },
    ],
  },
  coordinates: {
    schema: z.object({ latitude: z.number().min(-90).max(90), longitude: z.number().min(-180).max(180) }),
    values: [
      { latitude: -33.8688, longitude: 151.2093 },
      { latitude: 0, longitude: -180 },
      { latitude: 89.999, longitude: -0.1276 },
    ],
  },
  address: {
    schema: z.object({
      street: z.string().min(1),
      number: z.int().min(1).optional(),
      addition: z.string().nullish(),
      city: z.string().min(1).max(20),
      postcode: z.string().regex(/^\d{5}$/),
      country: z.string().default("DE"),
    }),
    values: [
      { street: "Straße des 17. Juni", number: 135, city: "Berlin", postcode: "10623" },
      { street: 'Am "Eck"', addition: null, city: "Bad Tölz", postcode: "83646", country: "DE" },
      { street: "O'Connell St.\nUpper", number: 7, addition: "2nd floor", city: "Ulm", postcode: "89073" },
    ],
  },
  counts: {
    schema: z.record(z.string(), z.int().min(0)),
    values: [{}, { apples: 3, 'the "others"': 12 }, { "a\nb": 0, "": 1, Äpfel: 9007199254740991 }],
  },
  tagged: {
    schema: z.object({
      items: z
        .array(
          z.object({
            title: z.string().min(3).max(30),
            tags: z.array(z.enum(["new", "sale", "used"])).max(3),
          }),
        )
        .min(1),
    }),
    values: [
      { items: [{ title: "Lamp", tags: [] }] },
      {
        items: [
          { title: 'A 24" monitor\\stand', tags: ["used", "sale"] },
          { title: "Tea", tags: ["new"] },
        ],
      },
    ],
  },
  dates: {
    schema: z.object({ from: z.iso.date(), until: z.iso.date().nullable(), at: z.iso.datetime().optional() }),
    values: [
      { from: "2024-02-29", until: null },
      { from: "1999-12-31", until: "2000-01-01", at: "2000-01-01T00:00:00.5Z" },
    ],
  },
  union: {
    schema: z.discriminatedUnion("kind", [
      z.object({ kind: z.literal("circle"), radius: z.number().positive() }),
      z.object({ kind: z.literal("square"), side: z.number().positive().max(100) }),
      z.object({ kind: z.literal("none") }),
    ]),
    values: [
      { kind: "circle", radius: 0.25 },
      { kind: "square", side: 99.5 },
      { kind: "circle", radius: 1e-7 },
      { kind: "none" },
    ],
  },
  tree: {
    schema: category,
    values: [
      { name: "root", children: [] },
      {
        name: "a",
        children: [
          { name: 'b "c"', children: [{ name: "d", children: [] }] },
          { name: "e", children: [] },
        ],
      },
    ],
  },
  quote: {
    schema: z.object({
      quote: z.string().min(1),
      source: z.string().max(40).optional(),
      year: z.int().max(2100),
    }),
    values: [
      { quote: 'She said "yes" to me.', year: 1949 },
      { quote: "C:\\path\n\tand\u0001 “more” – 🙂", source: '"', year: -44 },
    ],
  },
  contact: {
    schema: z.object({
      email: z.email(),
      work: z
        .string()
        .regex(/^[^@\s]+@example\.(com|org)$/)
        .optional(),
      site: z.url().optional(),
      id: z.uuid(),
    }),
    values: [
      { email: "ann.lee+news@mail.example.co.uk", id: "6fa459ea-ee8a-4ca4-894e-db77e160355e" },
      {
        email: "x@y.zz",
        work: 'a"b\\c@example.org',
        site: "https://example.com/a?b=c#d",
        id: "00000000-0000-0000-0000-000000000000",
      },
    ],
  },
};

/** The JSON Schema of one of them. */
export function jsonSchemaOf(name) {
  return EVERYDAY[name].schema["~standard"].jsonSchema.input({ target: "draft-2020-12" });
}
