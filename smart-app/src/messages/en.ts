/** Every word of the page in English; other languages have the same keys. */

const NBSP = "\u00a0";

export const en = {
  locale: "en-GB",
  loading: "Reading the record …",
  notRead: { title: "The record could not be read", text: "The launch host did not answer." },
  tryAgain: "Try again",
  refresh: "Refresh",
  print: "Print",
  closed: {
    ended: {
      title: "This session has ended",
      text: "Go back to the patient's chart and open the app again from there.",
    },
    "other-patient": {
      title: "Nothing is shown",
      text: "The answer was about another patient. Close this window and open the app again from the chart.",
    },
  },
  asOf: (time: string) => `As of ${time}.`,
  notRefreshed: (time: string, span: string) =>
    `Could not refresh: this is from ${time}, ${span} ago.`,
  notComplete: "Not complete",
  noScore: "No score",
  nothingComputed: "Nothing could be computed. That does not mean that there is no risk.",
  opened: (at: string, end: string) => `Opened from the chart at ${at}; the session ends at ${end}.`,
  timesIn: (zone: string) => `Times are shown in ${zone}.`,
  deviceMark: "marks a reading of a device.",
  support:
    "Decision support for professionals: it informs your judgement and does not replace it.",

  noPatient: "The patient could not be read",
  born: "Born",
  sex: "Sex",
  identifier: "Identifier",
  place: "Place",

  refused: (reason: string) => `No score: ${reason}. That does not mean that there is no risk.`,
  notEnough: "the record is not enough",
  between: (low: string | null, high: string | null) =>
    `Inputs are missing: the score is at least ${low}${high ? ` and at most ${high}` : ""}.`,
  why: "Why",
  nothingAdds: "No value adds to the score.",
  more: (count: number) => `${count} more with less weight`,
  logOdds: "Weights are log-odds against the average patient of the training data.",
  withoutEffect: (what: string) => `Without effect: ${what}.`,
  raises: "raises the score",
  lowers: "lowers the score",
  missing: "What is missing",
  course: "Course",
  computed: (version: string, at: string) => `Version ${version}${at ? `, computed at ${at}` : ""}.`,
  storedScore: "Stored score",

  timeShown: "Time shown in the charts",
  all: "All",
  groups: { "vital-signs": "Vital signs", laboratory: "Laboratory", other: "Other measurements" },
  noMeasurements: "No measurements with a number are in the record.",
  withoutChart: "Observed without a chart",
  tableOfThese: "Table of these",
  what: "What",
  newestValue: "Newest value",
  time: "Time",
  value: "Value",
  whereFrom: "Where from",
  noValueHere: "No value in this time.",
  valuesAndSources: "Values and sources",
  ofSeries: (label: string) => ` of ${label}`,
  valuesOf: (label: string) => `Values of ${label}`,
  stepThrough: (label: string) => `Step through the values of ${label}`,
  message: (name: string, sent: string) => `Message ${name}${sent ? `, sent ${sent}` : ""}`,
  at: (value: string, time: string, origin: string) => `${value} at ${time}, ${origin}`,
  chart: (label: string, count: number, low: string, high: string, newest: string, time: string) =>
    `${label}: ${count} ${count === 1 ? "value" : "values"} from ${low} to ${high}, newest ${newest} at ${time}`,

  justNow: "just now",
  unknownTime: "at an unknown time",
  ago: (span: string) => `${span} ago`,
  minutes: (count: number) => `${count}${NBSP}min`,
  hours: (count: number) => `${count}${NBSP}h`,
  days: (count: number) => `${count}${NBSP}days`,
  notKnown: "not known",
  percentOf: (value: string) => `${value}%`,
  fewer: "fewer than 1 in 100 similar stays",
  moreThan: "more than 99 in 100 similar stays",
  about: (count: number) => `about ${count} in 100 similar stays`,
  within: (span: string) => `within ${span}`,
  sourceUnknown: "source not recorded",
  cannotBeUsed: "cannot be used",
  // openapi/risk.yaml, Missing.reason
  reasons: {
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
  } as Record<string, string>,
  tiers: {
    low: "Low",
    "low-medium": "Low to medium",
    medium: "Medium",
    high: "High",
  } as Record<string, string>,
  noTier: "No tier",
  /** Labels that the host sends in English, by the name that it gives them. */
  labels: {} as Record<string, string>,
};

export type Messages = typeof en;
