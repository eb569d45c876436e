/** The host's answer becomes a summary, or the reason why there is none. */

import { isSummary, type Summary } from "./model";

export type Loaded =
  | { kind: "summary"; summary: Summary }
  | { kind: "ended" }
  | { kind: "other-patient" }
  | { kind: "failed" };

const ADDRESS = "api/summary";
const PATIENCE_MS = 30_000;

/** Ask once. `patient` is the one shown before: another one is never shown in its place. */
export async function load(patient: string | null, ask: typeof fetch = fetch): Promise<Loaded> {
  let answer: Response;
  let body: unknown;
  try {
    answer = await ask(ADDRESS, {
      cache: "no-store",
      credentials: "same-origin",
      headers: { Accept: "application/json" },
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    if (answer.status === 401) return { kind: "ended" };
    if (!answer.ok) return { kind: "failed" };
    body = await answer.json();
  } catch {
    return { kind: "failed" };
  }
  if (!isSummary(body)) return { kind: "failed" };
  const about = [body.patient_id, ...(body.patient ? [body.patient.id] : [])];
  if (about.some((id) => id !== (patient ?? body.patient_id))) return { kind: "other-patient" };
  return { kind: "summary", summary: body };
}
