import { describe, expect, it } from "vitest";
import { ago, clock, frequency, lacking, origin, percent, said, signed, span, tier } from "../src/words";
import type { Point } from "../src/model";

const plain = (text: string) => text.replaceAll("\u00a0", " ");
const NEAR = "2026-03-01T12:00:00+00:00";

describe("times", () => {
  it.each([
    [0, "just now"],
    [59, "just now"],
    [240, "4 min ago"],
    [3_600, "1 h ago"],
    [172_799, "47 h ago"],
    [172_800, "2 days ago"],
    [null, "at an unknown time"],
  ])("%s seconds are said as %s", (seconds, text) => {
    expect(plain(ago(seconds))).toBe(text);
  });

  it("a horizon is said in one unit", () => {
    expect([86_400, 2_592_000].map(span).map(plain)).toEqual(["24 h", "30 days"]);
  });

  it.each([
    ["2026-03-01T09:30:00+01:00", "08:30"],
    ["2026-02-28T23:59:00Z", "28 Feb, 23:59"],
    ["2026-02-27", "2026-02-27"],
    ["", "not known"],
  ])("%s is shown as %s", (at, text) => {
    expect(clock(at, NEAR)).toBe(text);
  });
});

describe("numbers", () => {
  const point = { value: "38.60", comparator: "" } as Point;

  it("keep their digits, comparator and unit", () => {
    expect(plain(said(point, "°C"))).toBe("38.60 °C");
    expect(said({ ...point, value: "90", comparator: "<" }, "%")).toBe("<90%");
    expect(said(point, "")).toBe("38.60");
  });

  it.each([
    ["0.347", "35%", "about 35 in 100 similar stays"],
    ["0.0004", "<1%", "fewer than 1 in 100 similar stays"],
    ["0.9999", ">99%", "more than 99 in 100 similar stays"],
    ["made up", "–", ""],
  ])("a probability of %s never claims to be sure", (given, share, natural) => {
    expect([percent(given), frequency(given)]).toEqual([share, natural]);
  });

  it.each([
    ["3", "+3"],
    ["-0.28", "−0.28"],
    ["0.6234567", "+0.62"],
    ["0", "0"],
    ["0.0", "0"],
  ])("a weight of %s is shown as %s", (weight, text) => {
    expect(signed(weight)).toBe(text);
  });
});

describe("what is not there", () => {
  it.each([
    ["not_found", null, "Albumin: not in the record"],
    ["stale", 180_000, "Albumin: too old, 2 days ago"],
    ["a_new_reason", null, "Albumin: cannot be used"],
  ])("%s is said in plain words", (reason, age_s, text) => {
    expect(plain(lacking({ name: "albumin", label: "Albumin", reason, age_s }))).toBe(text);
  });

  it("a value without a source says so", () => {
    const none = { system: "", device: "", message: "", sent_at: "", received_at: "" };
    expect([origin(undefined), origin(none)]).toEqual([
      "source not recorded",
      "source not recorded",
    ]);
    expect(origin({ ...none, device: "Cuff", system: "Feed" })).toBe("Cuff · Feed");
  });

  it("a tier is text and shape, not a colour alone", () => {
    expect(tier("high")).toEqual({ text: "High", shape: "▲", style: "high" });
    expect(tier("")).toEqual({ text: "No tier", shape: "■", style: "other" });
  });
});
