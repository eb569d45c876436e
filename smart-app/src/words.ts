/** Values become the words of the page. */

import type { Contribution, Missing, Point, Score, Source } from "./model";

/** Keeps a number and its unit on one line. */
const NBSP = "\u00a0";

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How long ago: "just now", "4 min ago", "3 h ago", "2 days ago". */
export function ago(seconds: number | null): string {
  if (seconds === null) return "at an unknown time";
  if (seconds < MINUTE) return "just now";
  return `${span(seconds)} ago`;
}

/** A length of time, rounded down to one unit; hours up to two days. */
export function span(seconds: number): string {
  if (seconds < HOUR) return `${Math.floor(seconds / MINUTE)}${NBSP}min`;
  if (seconds < 2 * DAY) return `${Math.floor(seconds / HOUR)}${NBSP}h`;
  return `${Math.floor(seconds / DAY)}${NBSP}days`;
}

const CLOCK = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const DAY_CLOCK = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "short",
  hour: "2-digit",
  minute: "2-digit",
});
const DATE = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });

/** The time of day in the viewer's zone, with the day unless it is the day of `near`. */
export function clock(at: string, near: string): string {
  const moment = new Date(at);
  if (Number.isNaN(moment.getTime()) || !at.includes("T")) return at || "not known";
  const sameDay = DATE.format(moment) === DATE.format(new Date(near));
  return (sameDay ? CLOCK : DAY_CLOCK).format(moment);
}

/** The viewer's time zone, for the foot of the page. */
export function zone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** A number's text with its unit: "38.60 °C", "97%". */
export function measured(value: string, unit: string): string {
  if (!unit) return value;
  return unit === "%" ? `${value}%` : `${value}${NBSP}${unit}`;
}

/** A point as it was recorded: comparator, digits, unit. */
export function said(point: Point, unit: string): string {
  return measured(`${point.comparator}${point.value}`, unit);
}

/** A probability as whole percent; never 0 or 100, which would claim to be sure. */
export function percent(probability: string): string {
  const share = Number(probability) * 100;
  if (!Number.isFinite(share)) return "–";
  if (share < 1) return "<1%";
  if (share > 99) return ">99%";
  return `${Math.round(share)}%`;
}

/** The same in natural frequencies, which are easier to judge. */
export function frequency(probability: string): string {
  const share = Number(probability) * 100;
  if (!Number.isFinite(share)) return "";
  if (share < 1) return "fewer than 1 in 100 similar stays";
  if (share > 99) return "more than 99 in 100 similar stays";
  return `about ${Math.round(share)} in 100 similar stays`;
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
  const within = score.horizon_s ? `within ${span(score.horizon_s)}` : "";
  return [score.outcome, within].filter(Boolean).join(", ");
}

/** A contribution's value, or that there is none. */
export function held(each: Contribution): string {
  if (each.value === null) return "not known";
  return measured(each.value, each.unit);
}

// openapi/risk.yaml, Missing.reason
const REASONS: Record<string, string> = {
  not_found: "not in the record",
  stale: "too old",
  unit: "in a unit that cannot be used",
  implausible: "outside of what is possible",
  not_a_number: "not a number",
  comparator: "only known as above or below a limit",
  unknown_answer: "in words that are not understood",
  no_value: "recorded without a value",
  no_time: "recorded without a time",
  future: "dated in the future",
  not_final: "not final yet",
  suspect: "marked as doubtful at its source",
  self_entered: "typed in by hand, not measured",
};

/** A missing input in plain words: "Albumin: not in the record". */
export function lacking(missing: Missing): string {
  const reason = REASONS[missing.reason] ?? "cannot be used";
  const age = missing.age_s === null ? "" : `, ${ago(missing.age_s)}`;
  return `${missing.label}: ${reason}${age}`;
}

/** Where a value came from, in one line. */
export function origin(source: Source | undefined): string {
  if (!source) return "source not recorded";
  return [source.device, source.system].filter(Boolean).join(" · ") || "source not recorded";
}

/** Whether a device of the patient measured it, rather than a feed of the hospital. */
export function byDevice(source: Source | undefined): boolean {
  return Boolean(source && (source.device || source.system.startsWith("Device readings")));
}

// Text and shape beside the colour. Tiers: NEWS2 (RCP 2017) and openapi/risk.yaml
const TIERS: Record<string, { text: string; shape: string; style: string }> = {
  low: { text: "Low", shape: "●", style: "low" },
  "low-medium": { text: "Low to medium", shape: "◆", style: "medium" },
  medium: { text: "Medium", shape: "◆", style: "medium" },
  high: { text: "High", shape: "▲", style: "high" },
};

/** The tier in words, with its shape and the class of its colour. */
export function tier(name: string): { text: string; shape: string; style: string } {
  return TIERS[name] ?? { text: name || "No tier", shape: "■", style: "other" };
}
