import { cleanup, render, screen } from "@testing-library/preact";
import { afterEach, describe, expect, it } from "vitest";
import { Page } from "../src/app";
import { named, speak, words } from "../src/language";
import { de } from "../src/messages/de";
import { en } from "../src/messages/en";
import type { Summary } from "../src/model";
import recorded from "./summary.json";

const summary = recorded as unknown as Summary;

afterEach(() => {
  cleanup();
  speak(["en"]);
});

/** Every key with the kind of what it holds; labels are a language's own matter. */
function shape(value: object): string[] {
  return Object.entries(value).flatMap(([key, held]) =>
    key === "labels"
      ? []
      : typeof held === "object"
        ? shape(held).map((inner) => `${key}.${inner}`)
        : [`${key}: ${typeof held}`],
  );
}

describe("the language", () => {
  it.each([
    [["de-AT", "en"], "de"],
    [["fr-FR", "de"], "de"],
    [["fr-FR"], "en"],
    [[], "en"],
  ])("of %s is %s, in the document too", (preferred, name) => {
    speak(preferred);
    expect(document.documentElement.lang).toBe(name);
    expect(words.locale.slice(0, 2)).toBe(name);
  });

  it("has a word for everything, in each", () => {
    expect(shape(de).sort()).toEqual(shape(en).sort());
  });

  it("leaves no English word of ours on a German page", () => {
    speak(["de"]);
    render(
      <Page summary={summary} elapsed={60} failed={false} again={async () => undefined} />,
    );
    const text = document.body.textContent ?? "";
    for (const part of ["Was fehlt", "Vitalzeichen", "Kreatinin", "nicht in der Akte", "Hoch"]) {
      expect(text).toContain(part);
    }
    for (const part of ["What is missing", "Vital signs", "ago", "Refresh", "not in the record"]) {
      expect(text).not.toContain(part);
    }
    expect(screen.getByRole("button", { name: "Aktualisieren" })).toBeTruthy();
  });

  it("keeps a label that it has no word for", () => {
    speak(["de"]);
    expect(named({ name: "troponin", label: "Troponin I" })).toBe("Troponin I");
  });
});
