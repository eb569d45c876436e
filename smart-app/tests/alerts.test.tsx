import { cleanup, fireEvent, render, screen, waitFor, within } from "@testing-library/preact";
import { afterEach, describe, expect, it } from "vitest";
import { Alerts } from "../src/alerts";
import { answering, Refused } from "./host";
import type { Alert } from "../src/api";
import type { Summary } from "../src/model";
import recorded from "./summary.json";

const summary = recorded as unknown as Summary;
const NEAR = summary.shown_at;
const OPEN: Alert = {
  id: "r-1",
  at: "2026-03-01T11:00:00Z",
  model: "news2",
  tier: "high",
  score: "14",
  probability: null,
  state: "open",
  acknowledged: null,
  snoozed: null,
};
const DEED = {
  id: 1,
  at: "2026-03-01T11:30:00Z",
  person: "Practitioner/u-1",
  what: "snoozed",
  about: "r-1",
  reason: "treatment has begun",
  note: "",
  until: "2026-03-01T12:30:00Z",
};
const ORDER = { order: "lactate", text: "Lactate in blood" };

afterEach(cleanup);

function show(answers: Record<string, unknown>, alerts = [OPEN]) {
  const host = answering(answers);
  let again = 0;
  render(
    <Alerts
      api={host.api}
      patient={summary.patient}
      near={NEAR}
      again={() => again++}
      alerts={alerts}
      scores={summary.scores}
      orders={[ORDER]}
    />,
  );
  return { ...host, again: () => again };
}

const press = (name: RegExp | string) => fireEvent.click(screen.getByRole("button", { name }));
const dialog = () => within(screen.getByRole("dialog"));

/** Press the button once it can be pressed. */
async function confirm() {
  const button = dialog().getByRole("button", { name: "Write the draft" }) as HTMLButtonElement;
  await waitFor(() => expect(button.disabled).toBe(false));
  fireEvent.click(button);
}

describe("an alert", () => {
  it("is acknowledged only after it was asked about the patient by name", async () => {
    const host = show({ "alerts/r-1/acknowledge": { deed: DEED } });
    press(/^Acknowledge/);
    expect(dialog().getByText("Testperson, Ada B.")).toBeTruthy();
    expect(host.posted).toEqual([]);
    fireEvent.click(dialog().getByRole("button", { name: "Acknowledge" }));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(host.posted.map((each) => each.path)).toEqual(["alerts/r-1/acknowledge"]);
    expect(host.posted[0]!.body["key"]).toMatch(/^[A-Za-z0-9_-]{8,64}$/);
    expect(host.again()).toBe(1);
  });

  it("does nothing when the question is put away", () => {
    const host = show({});
    press(/^Snooze/);
    fireEvent.click(dialog().getByRole("button", { name: "Cancel" }));
    expect(screen.queryByRole("dialog")).toBeNull();
    expect(host.posted).toEqual([]);
  });

  it.each([
    [true, "The alert rests, and cards with it."],
    [false, "Its cards could not be held back and may still come."],
  ])("rests for a time with a reason, and says of its cards: %s", async (held, said) => {
    const host = show({ "alerts/r-1/snooze": { deed: DEED, cards_held_back: held } });
    press(/^Snooze/);
    fireEvent.change(dialog().getByLabelText("For how long"), { target: { value: "120" } });
    fireEvent.input(dialog().getByLabelText("Reason"), { target: { value: "treated" } });
    fireEvent.click(dialog().getByRole("button", { name: "Snooze" }));
    await waitFor(() => expect(screen.getByRole("status").textContent).toContain(said));
    expect(host.posted[0]!.body).toMatchObject({ minutes: 120, reason: "treated" });
  });

  it("says who let it rest and until when", () => {
    show({}, [{ ...OPEN, state: "snoozed", snoozed: DEED }]);
    expect(screen.getByRole("listitem").textContent).toContain(
      "Rests until 12:30 (Practitioner/u-1): treatment has begun",
    );
    expect(screen.queryByRole("button", { name: /^Snooze/ })).toBeNull();
  });

  it("stays as it is when the host refuses, and the reason is shown", async () => {
    const host = show({ "alerts/r-1/acknowledge": new Refused(403, "the session is read-only") });
    press(/^Acknowledge/);
    fireEvent.click(dialog().getByRole("button", { name: "Acknowledge" }));
    expect((await dialog().findByRole("alert")).textContent).toBe(
      "Not done: the session is read-only.",
    );
    expect(host.again()).toBe(0);
  });
});

describe("an order", () => {
  it("is written only after a look at it, with the word that confirms exactly that", async () => {
    const host = show({ "orders/preview": { confirm: "w-1" }, orders: { deed: DEED } });
    press("Propose: Lactate in blood");
    await confirm();
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    const [preview, order] = host.posted;
    expect([preview!.path, order!.path]).toEqual(["orders/preview", "orders"]);
    expect(order!.body).toEqual({ ...preview!.body, confirm: "w-1" });
  });

  it("whose fate is not known says that it may be there", async () => {
    show({ "orders/preview": { confirm: "w-1" }, orders: new Refused(504) });
    press("Propose: Lactate in blood");
    await confirm();
    await waitFor(() =>
      expect(dialog().getByRole("alert").textContent).toContain("The draft may be there"),
    );
  });
});

it("a note is kept under its own name", async () => {
  const host = show({ notes: { deed: DEED } });
  press("Add a note");
  fireEvent.input(dialog().getByLabelText("Note"), { target: { value: "made-up words" } });
  fireEvent.click(dialog().getByRole("button", { name: "Keep the note" }));
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(host.posted[0]).toMatchObject({ path: "notes", body: { note: "made-up words" } });
});

it("without an alert the page says so", () => {
  show({}, []);
  expect(screen.getByText(/No score has risen/)).toBeTruthy();
});
