import { afterEach, expect, it } from "vitest";
import { unfoldForPrint } from "../src/printing";

afterEach(() => {
  document.body.replaceChildren();
});

it("unfolds for print what was folded, and folds only that again", () => {
  const [folded, open] = ["folded", "open"].map((id) => {
    const made = document.createElement("details");
    made.id = id;
    document.body.append(made);
    return made;
  });
  open!.open = true;
  const stop = unfoldForPrint();

  window.dispatchEvent(new Event("beforeprint"));
  expect([folded!.open, open!.open]).toEqual([true, true]);
  window.dispatchEvent(new Event("afterprint"));
  expect([folded!.open, open!.open]).toEqual([false, true]);

  stop();
  window.dispatchEvent(new Event("beforeprint"));
  expect(folded!.open).toBe(false);
});
