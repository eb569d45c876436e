import { cleanup, fireEvent, render, screen, waitFor, within } from "@testing-library/preact";
import { afterEach, describe, expect, it } from "vitest";
import { App, Page } from "../src/app";
import { firstSpan, here } from "../src/measurements";
import type { Loaded } from "../src/load";
import type { Score, Summary } from "../src/model";
import golden from "./summary.json";

const summary = golden as Summary;
const plain = (element: Element | null) => element?.textContent?.replaceAll("\u00a0", " ") ?? "";
const show = (changed: Partial<Summary> = {}, elapsed = 0) =>
  render(
    <Page
      summary={{ ...summary, ...changed }}
      elapsed={elapsed}
      failed={false}
      again={async () => {}}
    />,
  );

afterEach(cleanup);

describe("the banner", () => {
  it("says who it is", () => {
    show();
    expect(plain(screen.getByRole("banner"))).toBe(
      "Testperson, Ada B.Born1951-03-02 (74 y)SexfemaleIdentifierMRN SYN-000417PlaceWard 7, bed 12",
    );
  });

  it("keeps a line of identity when the EHR shows its own", () => {
    show({ patient: { ...summary.patient!, show: false, deceased: "Deceased 2026-02-01" } });
    expect(plain(screen.getByRole("banner"))).toBe(
      "Testperson, Ada B.Born 1951-03-02 (74 y) · MRN SYN-000417 · Deceased 2026-02-01",
    );
  });

  it("says when there is no patient to show", () => {
    show({ patient: null });
    expect(screen.getByRole("heading", { level: 1 }).textContent).toBe(
      "The patient could not be read",
    );
  });
});

describe("a score", () => {
  const card = (title: string | RegExp) => screen.getByRole("region", { name: title });

  it("is a number, a tier in words, what it is about, what to do and what it is for", () => {
    show();
    const text = plain(card(/ICU in-hospital/));
    for (const part of [
      "35%",
      "▲ High",
      "Death before hospital discharge, within 30 days",
      "about 35 in 100 similar stays",
      "A senior clinician of the treating team reviews the patient without delay.",
      "it is not a diagnosis.",
    ]) {
      expect(text).toContain(part);
    }
    expect(plain(card("National Early Warning Score 2"))).toContain("14▲ High");
  });

  it("has a signed bar for each value that moves it, with value, age and source", () => {
    show({}, 60);
    const bars = within(card(/ICU in-hospital/)).getAllByRole("listitem");
    expect(plain(bars[0]!)).toBe(
      "Creatinine 2.48 mg/dL+0.62, raises the score5 min ago · HL7 v2 feed, ICU MONITOR",
    );
    expect(plain(bars[3]!)).toBe("Glasgow Coma Scale 15−0.28, lowers the score5 min ago");
    expect(plain(bars[5]!)).toBe("Albumin not known−0.05, lowers the score");
  });

  it("draws bars to the right of zero when they raise it, to the left when they lower it", () => {
    show();
    const bars = card(/ICU in-hospital/).querySelectorAll(".bars li");
    const box = (bar: Element) => {
      const rect = bar.querySelector("rect:not(.track)")!;
      return ["class", "x", "width"].map((name) => rect.getAttribute(name));
    };
    expect(box(bars[0]!)).toEqual(["raises", "50", "50"]);
    const [style, x, width] = box(bars[3]!);
    expect([style, Number(x) + Number(width)]).toEqual(["lowers", 50]);
  });

  it("says which inputs are missing and why", () => {
    show();
    expect(plain(card(/ICU in-hospital/))).toContain(
      "What is missingAlbumin: not in the recordTotal bilirubin: too old, 2 days ago",
    );
  });

  it("that was refused shows no number, and the one that was made comes first", () => {
    const refused: Score = {
      ...summary.scores[0]!,
      scored: false,
      refusal: "at least 12 of the 20 inputs are needed",
      score: null,
      probability: null,
      contributions: [],
    };
    show({ scores: [refused, summary.scores[1]!] });
    const titles = screen.getAllByRole("heading", { level: 2 }).map((each) => each.textContent);
    expect(titles.indexOf("National Early Warning Score 2")).toBeLessThan(
      titles.indexOf("ICU in-hospital mortality from the last 24 hours"),
    );
    const text = plain(card(/ICU in-hospital/));
    expect(text).toContain("No score: at least 12 of the 20 inputs are needed.");
    expect(text).not.toMatch(/\d%/);
  });

  it("that is partial says between which numbers it lies", () => {
    show({ scores: [{ ...summary.scores[1]!, partial: true, score: "9", at_most: "12" }] });
    expect(plain(card("National Early Warning Score 2"))).toContain(
      "the score is at least 9 and at most 12.",
    );
  });

  it("is not made up when there is none", () => {
    show({ scores: [] });
    expect(plain(screen.getByRole("main"))).toContain("That does not mean that there is no risk.");
  });
});

describe("measurements", () => {
  it("have a chart with a text of its own, and all values in a table", () => {
    show();
    expect(
      screen.getByRole("img", { name: /^Heart rate: 7 values from 92 to 126/ }),
    ).toBeTruthy();
    const table = screen.getByRole("region", { name: "Values of Heart rate" });
    const rows = within(table).getAllByRole("row").slice(1).map(plain);
    expect(rows).toHaveLength(8);
    expect(rows[0]).toBe(
      "11:56126 /minHL7 v2 feed, ICU MONITORMessage ORU^R01 MSG-1000, sent 11:56",
    );
    expect(rows[4]).toBe("08:3096 /minScanWatch · Device readings, withings");
  });

  it("of a device have another shape than those of a feed", () => {
    const { container } = show();
    expect(container.querySelectorAll(".mark.device")).toHaveLength(1);
    expect(container.querySelector(".mark.device title")?.textContent).toContain("ScanWatch");
  });

  it("keep their digits", () => {
    show();
    expect(plain(screen.getByRole("region", { name: "Values of Temperature" }))).toContain(
      "38.60 °C",
    );
  });

  it("are shown over the time that one chooses", () => {
    show();
    fireEvent.click(screen.getByRole("button", { name: "24 h" }));
    expect(screen.getByRole("button", { name: "24 h" }).getAttribute("aria-pressed")).toBe("true");
    expect(screen.getByRole("img", { name: /^Heart rate: 8 values/ })).toBeTruthy();
  });

  it("begin with a time in which the newest values can be seen", () => {
    const now = Date.parse(summary.shown_at);
    expect(firstSpan(summary.series, now)).toBe(0);
    expect(firstSpan(summary.series, now + 20 * 3_600_000)).toBe(1);
    expect(firstSpan(summary.series, now + 900 * 3_600_000)).toBe(3);
    expect(firstSpan([], now)).toBe(0);
  });

  it("do not begin with days because of one value that is days old", () => {
    const now = Date.parse(summary.shown_at);
    const weight: Summary["series"][number] = {
      ...summary.series[0]!,
      points: [{ ...summary.series[0]!.points[0]!, at: "2026-02-26T12:00:00Z" }],
    };
    expect(firstSpan(here({ ...summary, series: [...summary.series, weight] }), now)).toBe(0);
  });

  it("begin with the hospital's values, else with those of the patient's devices", () => {
    const sensor = summary.series.filter((row) => row.label === "Glucose, sensor");
    expect(sensor).toHaveLength(1);
    expect(here(summary)).not.toContain(sensor[0]);
    expect(here({ ...summary, series: sensor })).toEqual(sensor);
  });

  it("without a chart are in a table", () => {
    show();
    expect(plain(screen.getByRole("region", { name: "Observed without a chart" }))).toContain(
      "Body weight81.50 kg2026-02-27",
    );
  });
});

describe("the page", () => {
  const asking = (...answers: Loaded[]) => {
    const asked: (string | null)[] = [];
    const ask = async (patient: string | null) => {
      asked.push(patient);
      return answers[Math.min(asked.length, answers.length) - 1]!;
    };
    return { ask, asked };
  };
  const good: Loaded = { kind: "summary", summary };

  it("says what is not complete", () => {
    show();
    expect(plain(screen.getByRole("region", { name: "Not complete" }))).toContain(
      "The stay: the EHR did not grant the permission to read it.",
    );
  });

  it("asks again about the same patient only", async () => {
    const { ask, asked } = asking(good);
    render(<App ask={ask} />);
    fireEvent.click(await screen.findByRole("button", { name: "Refresh" }));
    await waitFor(() => expect(asked).toEqual([null, "p-1"]));
  });

  it.each(["ended", "other-patient"] as const)("takes the data away when it is %s", async (kind) => {
    const { ask } = asking(good, { kind });
    render(<App ask={ask} />);
    fireEvent.click(await screen.findByRole("button", { name: "Refresh" }));
    await waitFor(() => expect(screen.queryByText("Testperson, Ada B.")).toBeNull());
    expect(plain(screen.getByRole("main"))).toContain("open the app again");
  });

  it("keeps what it has when a refresh fails, and says how old it is", async () => {
    const { ask } = asking(good, { kind: "failed" });
    render(<App ask={ask} />);
    fireEvent.click(await screen.findByRole("button", { name: "Refresh" }));
    await waitFor(() =>
      expect(plain(screen.getByRole("status"))).toContain("Could not refresh: this is from 12:00"),
    );
    expect(screen.getByText("Testperson, Ada B.")).toBeTruthy();
  });

  it("offers to try again when nothing came", async () => {
    const { ask } = asking({ kind: "failed" }, good);
    render(<App ask={ask} />);
    fireEvent.click(await screen.findByRole("button", { name: "Try again" }));
    expect(await screen.findByText("Testperson, Ada B.")).toBeTruthy();
  });
});

describe("a chart", () => {
  const steps = () =>
    screen.getByRole("slider", { name: "Step through the values of Heart rate" }) as HTMLInputElement;

  it("is stepped through with the keyboard, value by value, in words", () => {
    show();
    fireEvent.focus(steps());
    expect(steps().getAttribute("aria-valuetext")).toMatch(/^126.\/min at 11:56, HL7 v2 feed/);
    fireEvent.input(steps(), { target: { value: "2" } });
    expect(steps().getAttribute("aria-valuetext")).toMatch(/at 08:30, ScanWatch/);
    const told = steps().closest(".stepper")!.querySelector(".told")!;
    expect(told.textContent).toBe(steps().getAttribute("aria-valuetext"));
    fireEvent.blur(steps());
    expect(told.textContent).toBe("");
  });
});
