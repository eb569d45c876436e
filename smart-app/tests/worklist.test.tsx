import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/preact";
import { afterEach, expect, it } from "vitest";
import { Worklist } from "../src/worklist";
import { answering, Refused } from "./host";

const NAME = "Testperson, Ada";
const LIST = {
  shown_at: "2026-03-01T12:00:00+00:00",
  patients: [
    {
      patient_id: "p-1",
      name: NAME,
      born: "1950-02-03",
      age: "76 y",
      sex: "female",
      identifier: "MRN 1",
      place: "Ward 3",
      scores: [
        {
          model: "news2",
          at: "2026-03-01T11:00:00Z",
          tier: "high",
          score: "7",
          probability: null,
          before: null,
          change: "new",
        },
      ],
    },
  ],
  problems: [],
};

afterEach(cleanup);

function show(answers: Record<string, unknown>) {
  const host = answering(answers);
  const went: string[] = [];
  let changed = () => {};
  render(
    <Worklist
      api={host.api}
      go={(address) => went.push(address)}
      listen={(then) => {
        changed = then;
        return () => {};
      }}
    />,
  );
  return { ...host, went, changed: () => changed() };
}

it("lists the patients with score, change and time", async () => {
  show({ worklist: LIST });
  const row = (await screen.findByRole("button", { name: NAME })).closest("tr")!;
  expect(row.textContent).toContain("▲ High NEWS2 7");
  expect(row.textContent).toContain("● new");
  expect(screen.getByRole("status").textContent).toBe("1 patient, as of 12:00.");
});

it("asks the host by the filters that are chosen", async () => {
  const host = show({ worklist: LIST });
  fireEvent.change(await screen.findByLabelText("Tier"), { target: { value: "high" } });
  await waitFor(() => expect(host.asked.at(-1)).toBe("worklist?tier=high&by=risk"));
});

it("opens one patient in a session of its own", async () => {
  const host = show({ worklist: LIST, "worklist/open": { address: "/app/l-2/" } });
  fireEvent.click(await screen.findByRole("button", { name: NAME }));
  await waitFor(() => expect(host.went).toEqual(["/app/l-2/"]));
  expect(host.posted).toEqual([{ path: "worklist/open", body: { patient: "p-1" } }]);
});

it("asks again when the host says that the list changed", async () => {
  const host = show({ worklist: LIST });
  await screen.findByRole("button", { name: NAME });
  const before = host.asked.length;
  host.changed();
  await waitFor(() => expect(host.asked.length).toBe(before + 1));
});

it("says so when it could not be refreshed, and never that nobody is at risk", async () => {
  show({ worklist: new Refused(503) });
  await waitFor(() =>
    expect(screen.getByRole("status").textContent).toBe("The list could not be refreshed."),
  );
  expect(screen.getByText(/not mean that there is no risk/)).toBeTruthy();
});
