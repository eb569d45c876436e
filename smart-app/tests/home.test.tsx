/** Readings at home: value, source, age and what is odd about each, on what the host answers. */

import { cleanup, render, screen, within } from "@testing-library/preact";
import { afterEach, describe, expect, it } from "vitest";
import { Values } from "../src/chart";
import { AtHome, together } from "../src/home";
import { speak } from "../src/language";
import type { HomeRow, Point, Summary } from "../src/model";
import given from "./summary.json";

const summary = given as unknown as Summary;

afterEach(() => {
  cleanup();
  speak(["en"]);
});

function show(rows: HomeRow[] = summary.home, elapsed = 0) {
  return render(<AtHome summary={{ ...summary, home: rows }} elapsed={elapsed} />);
}

function row(name: string): string {
  const found = screen.getByRole("rowheader", { name }).closest("tr")!;
  return (found.textContent ?? "").replaceAll("\u00a0", " ");
}

const sensor = summary.home.find((each) => each.name === "cgm")!;

describe("readings at home", () => {
  it("tell a blood pressure as one, with source, age and remarks", () => {
    show();
    const told = row("Blood pressure");
    for (const part of ["142/88 mmHg", "Withings", "17 h ago", "typed in by hand", "time zone assumed"]) {
      expect(told).toContain(part);
    }
  });

  it("grow older while the page is open", () => {
    show(summary.home, 2 * 3600);
    expect(row("Blood pressure")).toContain("19 h ago");
  });

  it("say why there is no value, and which was before", () => {
    show();
    expect(row("Temperature")).toContain("no value: not a number");
    expect(row("Temperature")).toContain("before: 36.90 °C, 30 h ago");
  });

  it("keep the comparator of an end of the scale", () => {
    show();
    expect(row("Glucose, sensor")).toContain("<40 mg/dL");
    expect(row("Glucose, sensor")).toContain("3 values, <40 to 52 mg/dL");
  });

  it("are one row and one line for a day of a sensor, broken where it was out of reach", () => {
    const begin = Date.parse("2026-02-28T00:00:00Z");
    const points = Array.from({ length: 288 }, (_, n) => n)
      .filter((n) => n < 100 || n > 108)
      .map((n) => ({ at: new Date(begin + n * 300_000).toISOString(), value: String(90 + (n % 40)) }));
    const shown = show([{ ...sensor, points, count: points.length }]);
    expect(screen.getAllByRole("row")).toHaveLength(2);
    expect(shown.container.querySelectorAll("polyline")).toHaveLength(2);
    expect(row("Glucose, sensor")).toContain("279 values");
  });

  it("are called test data, doubtful, late, or by their own word where there is no other", () => {
    show([{ ...sensor, marks: ["demo", "suspect", "backfill", "of-its-own"], status: "amended" }]);
    const told = row("Glucose, sensor");
    for (const part of ["test data", "doubtful value", "came late", "of its own", "amended"]) {
      expect(told).toContain(part);
    }
  });

  it("tell apart what was odd about earlier ones", () => {
    show([{ ...sensor, marks: [], earlier: [{ mark: "irregular-pulse", count: 2 }], low: "52" }]);
    expect(row("Glucose, sensor")).toContain("earlier: irregular pulse (2)");
    expect(row("Glucose, sensor")).toContain("3 values, 52 mg/dL, in 10 min");
  });

  it("are not spoken of where there are none", () => {
    expect(show([]).container.textContent).toBe("");
  });

  it("speak German", () => {
    speak(["de"]);
    show();
    expect(screen.getByRole("heading", { name: "Messwerte von zu Hause" })).toBeTruthy();
    for (const part of ["Blutdruck", "von Hand eingegeben", "Withings"]) {
      expect(row("Blutdruck")).toContain(part);
    }
    expect(row("Temperatur")).toContain("kein Wert: keine Zahl");
  });
});

describe("a table of values", () => {
  const points: Point[] = Array.from({ length: 288 }, (_, n) => ({
    ...summary.series[0]!.points[0]!,
    at: new Date(Date.parse("2026-02-28T00:00:00Z") + n * 300_000).toISOString(),
    observation: `Observation/${n}`,
    marks: n === 287 ? ["manual"] : [],
  }));

  it("lists the newest of a sensor and says how many it leaves to the chart", () => {
    const charted = { label: "Glucose", unit: "mg/dL", range: null, points, together: 0 };
    const shown = render(<Values charted={charted} near={summary.shown_at} sources={summary.sources} />);
    const rows = within(shown.container as HTMLElement).getAllByRole("row", { hidden: true });
    expect(rows).toHaveLength(31);
    expect(rows[1]!.textContent).toContain("typed in by hand");
    expect(shown.container.textContent).toContain("258 older values are only in the chart.");
  });
});

describe("gaps", () => {
  it("are minutes for a sensor and hours for everything else", () => {
    expect(together(288, 3_600_000)).toBe(20 * 60_000);
    expect(together(12, 3_600_000)).toBe(3_600_000);
  });
});
