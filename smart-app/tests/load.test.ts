import { describe, expect, it } from "vitest";
import { load } from "../src/load";
import summary from "./summary.json";

const answering = (status: number, body: unknown) =>
  (async () => new Response(JSON.stringify(body), { status })) as typeof fetch;

describe("what the host answers", () => {
  it("is asked beside the page, without a token of any kind", async () => {
    const asked: [unknown, RequestInit | undefined][] = [];
    await load(null, (async (address: unknown, more?: RequestInit) => {
      asked.push([address, more]);
      return new Response(JSON.stringify(summary));
    }) as typeof fetch);
    expect(asked[0]?.[0]).toBe("api/summary");
    expect(asked[0]?.[1]?.headers).toEqual({ Accept: "application/json" });
    expect(asked[0]?.[1]?.credentials).toBe("same-origin");
  });

  it("is a summary when it looks like one", async () => {
    const loaded = await load(null, answering(200, summary));
    expect(loaded).toEqual({ kind: "summary", summary });
  });

  it.each([
    [401, {}, "ended"],
    [503, {}, "failed"],
    [200, {}, "failed"],
    [200, null, "failed"],
    [200, { ...summary, series: null }, "failed"],
  ])("with %s and %o is no summary", async (status, body, kind) => {
    expect((await load(null, answering(status, body))).kind).toBe(kind);
  });

  it("fails when nobody answers", async () => {
    const loaded = await load(null, (() => Promise.reject(new TypeError())) as typeof fetch);
    expect(loaded).toEqual({ kind: "failed" });
  });

  it("is never shown when it is about another patient", async () => {
    expect((await load("p-2", answering(200, summary))).kind).toBe("other-patient");
    const mixed = { ...summary, patient: { ...summary.patient, id: "p-9" } };
    expect((await load(null, answering(200, mixed))).kind).toBe("other-patient");
  });
});
