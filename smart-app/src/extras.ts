/** What stands beside the summary on a patient's page; the summary alone is a page as well. */

import type { ComponentChildren } from "preact";
import type { Baseline, Happening } from "./api";
import type { Summary } from "./model";

export interface Extras {
  baselines: Baseline[];
  events: Happening[];
  /** By model: what it is not for. */
  limits: Record<string, string[]>;
  above: (summary: Summary) => ComponentChildren;
  below: (summary: Summary) => ComponentChildren;
}
