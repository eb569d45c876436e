import { describe, expect, it } from "vitest";
import { host } from "../src/api";
import { lines } from "../src/done";
import { read } from "../src/root";
import { answering } from "./host";
import type { About } from "../src/api";

const ABOUT: About = {
  patient_id: "p-1",
  person: "Practitioner/u-1",
  ehr: "Sandbox",
  csrf: "t-1",
  may: { order: false, worklist: false },
};
const NONE = {
  alerts: { patient_id: "p-1", alerts: [] },
  cards: { patient_id: "p-1", cards: [] },
  audit: { patient_id: "p-1", deeds: [] },
  series: { patient_id: "p-1", baselines: [] },
  trend: { patient_id: "p-1", events: [] },
  models: { models: [{ id: "news2", out_of_scope: ["Pregnancy"] }] },
};

describe("what stands beside the summary", () => {
  it("is read in parts, and names the parts that are lacking", async () => {
    const { api } = answering({ ...NONE, cards: undefined });
    const [found, lacking] = await read(api, ABOUT);
    expect(lacking).toEqual(["cards that were shown"]);
    expect(found.limits).toEqual({ news2: ["Pregnancy"] });
  });

  it("leaves out an answer about another patient and says that it is lacking", async () => {
    const { api } = answering({ ...NONE, alerts: { patient_id: "p-2", alerts: [{ id: "r" }] } });
    const [found, lacking] = await read(api, ABOUT);
    expect([found.alerts, lacking]).toEqual([[], ["alerts"]]);
  });

  it("asks for orders only where the EHR lets the app write", async () => {
    const { api, asked } = answering({ ...NONE, orders: { orders: [] } });
    await read(api, ABOUT);
    expect(asked).not.toContain("orders");
    await read(api, { ...ABOUT, may: { order: true, worklist: false } });
    expect(asked).toContain("orders");
  });
});

describe("the host", () => {
  const heard = (status: number, body: unknown) => {
    const asked: [string, RequestInit][] = [];
    const ask = (async (address: string, more: RequestInit) => {
      asked.push([address, more]);
      return new Response(JSON.stringify(body), { status });
    }) as unknown as typeof fetch;
    return { ask, asked };
  };

  it("gets the guard with every deed, and no token of any kind", async () => {
    const { ask, asked } = heard(201, {});
    await host("t-1", ask).post("notes", { note: "x" });
    const [address, more] = asked[0]!;
    expect(address).toBe("api/notes");
    expect((more.headers as Record<string, string>)["X-CSRF-Token"]).toBe("t-1");
    expect(Object.keys(more.headers as object)).not.toContain("Authorization");
  });

  it("tells its reason when it refuses", async () => {
    const { ask } = heard(403, { issue: [{ details: { text: "not allowed" } }] });
    expect(await host("", ask).get("alerts")).toEqual({
      ok: false,
      status: 403,
      text: "not allowed",
    });
  });

  it("that says nothing is told apart from one that refuses", async () => {
    const ask = (async () => {
      throw new TypeError("away");
    }) as unknown as typeof fetch;
    expect(await host("", ask).get("alerts")).toEqual({ ok: false, status: 0, text: "" });
  });
});

it("cards and deeds are one list, newest first, with the rule that decided", () => {
  const card = {
    id: "c",
    at: "2026-03-01T11:00:00Z",
    service: "deterioration",
    summary: "",
    indicator: "warning",
    shown: false,
    why: "snoozed",
    override: null,
    snoozed_until: null,
  };
  const deed = {
    id: 1,
    at: "2026-03-01T11:30:00Z",
    person: "Practitioner/u-1",
    what: "snoozed",
    about: "r-1",
    reason: "treated",
    note: "",
    until: null,
  };
  expect(lines([card], [deed]).map((each) => [each.what, each.detail])).toEqual([
    ["Snoozed", "Practitioner/u-1 · treated"],
    ["Card held back", "deterioration · snoozed"],
  ]);
});
