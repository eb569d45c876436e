/** What stands beside the summary on a patient's page; the summary alone is a page as well. */

import type { ComponentChildren } from "preact";
import type { ReadCard } from "./card";
import type { Baseline, Happening } from "./api";
import type { Summary } from "./model";

export interface Extras {
  baselines: Baseline[];
  events: Happening[];
  /** By model: what it is not for. */
  limits: Record<string, string[]>;
  /** Reads a model's card; absent where there is no host to ask. */
  card?: ReadCard;
  above: (summary: Summary) => ComponentChildren;
  below: (summary: Summary) => ComponentChildren;
}
