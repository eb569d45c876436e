/** What the launch host answers: openapi/smart.yaml, Summary. Numbers are texts with their digits. */

export interface Patient {
  id: string;
  name: string;
  born: string;
  age: string;
  sex: string;
  identifier: string;
  deceased: string;
  place: string;
  show: boolean;
}

export interface Contribution {
  name: string;
  label: string;
  weight: string;
  value: string | null;
  unit: string;
  at: string | null;
  age_s: number | null;
  observation: string;
}

export interface Missing {
  name: string;
  label: string;
  reason: string;
  age_s: number | null;
}

export interface Score {
  model: string;
  version: string;
  title: string;
  outcome: string;
  horizon_s: number | null;
  kind: string;
  intended_use: string;
  at: string | null;
  scored: boolean;
  refusal: string;
  score: string | null;
  probability: string | null;
  tier: string;
  response: string;
  partial: boolean;
  at_most: string | null;
  contributions: Contribution[];
  missing: Missing[];
}

export interface Assessment {
  at: string;
  model: string;
  score: string | null;
  probability: string | null;
  tier: string;
  status: string;
  id: string;
}

export interface Point {
  at: string;
  age_s: number | null;
  value: string;
  comparator: string;
  status: string;
  flag: string;
  /** What is not quite as it seems, such as "manual". */
  marks: string[];
  observation: string;
  source: number;
}

export interface Range {
  low: string;
  high: string;
  text: string;
}

export interface Series {
  name: string;
  label: string;
  unit: string;
  category: "vital-signs" | "laboratory" | "other";
  range: Range | null;
  points: Point[];
}

export interface Finding extends Point {
  name: string;
  label: string;
  /** A code of why there is no value, or nothing. */
  absent: string;
}

/** One reading at home: digits with comparator, or the code of why there are none. */
export interface HomeReading {
  at: string;
  age_s: number | null;
  value: string;
  absent: string;
  marks: string[];
}

/** All of one kind from one source: the newest, and the course. */
export interface HomeRow extends HomeReading {
  name: string;
  label: string;
  unit: string;
  from: string;
  status: string;
  observation: string;
  source: number;
  /** Marks of earlier readings that the newest does not have. */
  earlier: { mark: string; count: number }[];
  before: HomeReading | null;
  count: number;
  low: string;
  high: string;
  points: { at: string; value: string }[];
}

export interface Source {
  system: string;
  device: string;
  message: string;
  sent_at: string;
  received_at: string;
}

export interface Problem {
  part: string;
  text: string;
}

export interface Summary {
  patient_id: string;
  shown_at: string;
  launched_at: string;
  expires_at: string;
  patient: Patient | null;
  scores: Score[];
  trend: Assessment[];
  series: Series[];
  findings: Finding[];
  home: HomeRow[];
  sources: Source[];
  problems: Problem[];
}

/** Whether this is a summary as far as the page relies on it before it draws. */
export function isSummary(value: unknown): value is Summary {
  if (typeof value !== "object" || value === null) return false;
  const given = value as Record<string, unknown>;
  const lists = ["scores", "trend", "series", "findings", "home", "sources", "problems"];
  return (
    typeof given["patient_id"] === "string" &&
    typeof given["shown_at"] === "string" &&
    lists.every((name) => Array.isArray(given[name]))
  );
}
