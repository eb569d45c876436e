/** Values become the words of the page. */

import { named, words } from "./language";
import type { Contribution, Missing, Point, Score, Source } from "./model";

/** Keeps a number and its unit on one line. */
const NBSP = "\u00a0";

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How long ago: "just now", "4 min ago", "3 h ago", "2 days ago". */
export function ago(seconds: number | null): string {
  if (seconds === null) return words.unknownTime;
  if (seconds < MINUTE) return words.justNow;
  return words.ago(span(seconds));
}

/** A length of time, rounded down to one unit; hours up to two days. */
export function span(seconds: number): string {
  if (seconds < HOUR) return words.minutes(Math.floor(seconds / MINUTE));
  if (seconds < 2 * DAY) return words.hours(Math.floor(seconds / HOUR));
  return words.days(Math.floor(seconds / DAY));
}

const CLOCK = { hour: "2-digit", minute: "2-digit" } as const;
const DAY_CLOCK = { day: "numeric", month: "short", ...CLOCK } as const;
const DATE = { day: "numeric", month: "short", year: "numeric" } as const;
const formats = new Map<string, Intl.DateTimeFormat>();

function dated(moment: Date, style: Intl.DateTimeFormatOptions): string {
  const key = words.locale + Object.keys(style).join();
  let format = formats.get(key);
  if (!format) formats.set(key, (format = new Intl.DateTimeFormat(words.locale, style)));
  return format.format(moment);
}

/** The time of day in the viewer's zone, with the day unless it is the day of `near`. */
export function clock(at: string, near: string): string {
  const moment = new Date(at);
  if (Number.isNaN(moment.getTime()) || !at.includes("T")) return at || words.notKnown;
  const sameDay = dated(moment, DATE) === dated(new Date(near), DATE);
  return dated(moment, sameDay ? CLOCK : DAY_CLOCK);
}

/** The viewer's time zone, for the foot of the page. */
export function zone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** A number's text with its unit: "38.60 °C", "97%". */
export function measured(value: string, unit: string): string {
  if (!unit) return value;
  return unit === "%" ? words.percentOf(value) : `${value}${NBSP}${unit}`;
}

/** A point as it was recorded: comparator, digits, unit. */
export function said(point: Point, unit: string): string {
  return measured(`${point.comparator}${point.value}`, unit);
}

/** A probability as whole percent; never 0 or 100, which would claim to be sure. */
export function percent(probability: string): string {
  const share = Number(probability) * 100;
  if (!Number.isFinite(share)) return "–";
  if (share < 1) return words.percentOf("<1");
  if (share > 99) return words.percentOf(">99");
  return words.percentOf(String(Math.round(share)));
}

/** The same in natural frequencies, which are easier to judge. */
export function frequency(probability: string): string {
  const share = Number(probability) * 100;
  if (!Number.isFinite(share)) return "";
  if (share < 1) return words.fewer;
  if (share > 99) return words.moreThan;
  return words.about(Math.round(share));
}

/** A weight with its sign: "+3", "−0.28", "0". */
export function signed(weight: string): string {
  const number = Number(weight);
  if (!Number.isFinite(number) || number === 0) return "0";
  const digits = weight.replace(/^[+-]/, "");
  const shown = digits.length > 5 ? Math.abs(number).toFixed(2) : digits;
  return `${number > 0 ? "+" : "−"}${shown}`;
}

/** What a score is about: outcome and horizon. */
export function about(score: Score): string {
  const within = score.horizon_s ? words.within(span(score.horizon_s)) : "";
  return [score.outcome, within].filter(Boolean).join(", ");
}

/** A contribution's value, or that there is none. */
export function held(each: Contribution): string {
  if (each.value === null) return words.notKnown;
  return measured(each.value, each.unit);
}

/** A missing input in plain words: "Albumin: not in the record". */
export function lacking(missing: Missing): string {
  const reason = words.reasons[missing.reason] ?? words.cannotBeUsed;
  const age = missing.age_s === null ? "" : `, ${ago(missing.age_s)}`;
  return `${named(missing)}: ${reason}${age}`;
}

/** Where a value came from, in one line. */
export function origin(source: Source | undefined): string {
  if (!source) return words.sourceUnknown;
  return [source.device, source.system].filter(Boolean).join(" · ") || words.sourceUnknown;
}

/** Whether a device of the patient measured it, rather than a feed of the hospital. */
export function byDevice(source: Source | undefined): boolean {
  return Boolean(source && (source.device || source.system.startsWith("Device readings")));
}

// Text and shape beside the colour. Tiers: NEWS2 (RCP 2017) and openapi/risk.yaml
const TIERS: Record<string, { shape: string; style: string }> = {
  low: { shape: "●", style: "low" },
  "low-medium": { shape: "◆", style: "medium" },
  medium: { shape: "◆", style: "medium" },
  high: { shape: "▲", style: "high" },
};

/** The tier in words, with its shape and the class of its colour. */
export function tier(name: string): { text: string; shape: string; style: string } {
  const text = words.tiers[name] ?? (name || words.noTier);
  return { text, ...(TIERS[name] ?? { shape: "■", style: "other" }) };
}
