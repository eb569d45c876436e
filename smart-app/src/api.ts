/** Questions and deeds to the launch host, beside the page: openapi/smart.yaml. */

export interface About {
  patient_id: string | null;
  person: string;
  ehr: string;
  csrf: string;
  may: { order: boolean; worklist: boolean };
}

export interface Deed {
  id: number;
  at: string;
  person: string;
  what: string;
  about: string;
  reason: string;
  note: string;
  until: string | null;
}

export interface Alert {
  id: string;
  at: string;
  model: string;
  tier: string;
  score: string | null;
  probability: string | null;
  state: "open" | "acknowledged" | "snoozed";
  acknowledged: Deed | null;
  snoozed: Deed | null;
}

export interface Card {
  id: string;
  at: string;
  service: string;
  summary: string;
  indicator: string;
  shown: boolean;
  why: string;
  override: { reason: string; at: string } | null;
  snoozed_until: string | null;
}

export interface Choice {
  order: string;
  text: string;
}

export interface Baseline {
  name: string;
  unit: string;
  median: string;
  low: string;
  high: string;
  count: number;
  since: string;
}

export interface Happening {
  at: string;
  kind: string;
  text: string;
}

export interface Listed {
  patient_id: string;
  name: string;
  born: string;
  age: string;
  sex: string;
  identifier: string;
  place: string;
  scores: {
    model: string;
    at: string;
    tier: string;
    score: string | null;
    probability: string | null;
    before: { tier: string; score: string | null; probability: string | null } | null;
    change: "up" | "down" | "same" | "new";
  }[];
}

/** An answer, or why there is none; `status` 0 means that nothing was answered. */
export type Told<T> = { ok: true; value: T } | { ok: false; status: number; text: string };

export interface Api {
  get<T>(path: string): Promise<Told<T>>;
  post<T>(path: string, body: object): Promise<Told<T>>;
}

const PATIENCE_MS = 30_000;

/** The host at `api/`; `csrf` goes with every deed. */
export function host(csrf: string, ask: typeof fetch = fetch): Api {
  const told = async <T>(path: string, more: RequestInit): Promise<Told<T>> => {
    try {
      const answer = await ask(`api/${path}`, {
        cache: "no-store",
        credentials: "same-origin",
        signal: AbortSignal.timeout(PATIENCE_MS),
        ...more,
      });
      const body: unknown = await answer.json();
      if (answer.ok) return { ok: true, value: body as T };
      return { ok: false, status: answer.status, text: reason(body) };
    } catch {
      return { ok: false, status: 0, text: "" };
    }
  };
  return {
    get: (path) => told(path, { headers: { Accept: "application/json" } }),
    post: (path, body) =>
      told(path, {
        method: "POST",
        headers: {
          Accept: "application/json",
          "Content-Type": "application/json",
          "X-CSRF-Token": csrf,
        },
        body: JSON.stringify(body),
      }),
  };
}

/** The words of an OperationOutcome. */
function reason(body: unknown): string {
  const issues = (body as { issue?: { details?: { text?: unknown }; diagnostics?: unknown }[] })?.issue;
  const said = issues?.[0]?.details?.text ?? issues?.[0]?.diagnostics;
  return typeof said === "string" ? said : "";
}

/** A new name for one click, so that the same click sent twice is one deed. */
export function clicked(): string {
  return crypto.randomUUID();
}
