/** The language of the page: what the browser prefers among those that there are, else English. */

import { de } from "./messages/de";
import { en, type Messages } from "./messages/en";

const SPOKEN: Record<string, Messages> = { en, de };

/** The words in use; `speak` chooses them before anything is drawn. */
export let words: Messages = en;

/** Choose by preference: the first language that is there. It becomes that of the document. */
export function speak(preferred: readonly string[]): void {
  const names = preferred.map((each) => each.toLowerCase().split("-")[0] ?? "");
  const name = names.find((each) => each in SPOKEN) ?? "en";
  words = SPOKEN[name] ?? en;
  if (typeof document !== "undefined") document.documentElement.lang = name;
}

/** A label of the host in this language; as it came where there is no word for it. */
export function named(each: { name: string; label: string }): string {
  return words.labels[each.name] ?? each.label;
}
