/** A question before anything is done; it names the patient and is answered with a button. */

import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { words } from "./language";
import type { Patient } from "./model";

export function Ask(props: {
  title: string;
  patient: Patient | null;
  confirm: string;
  /** False while there is nothing yet that could be confirmed. */
  ready?: boolean;
  onConfirm: () => Promise<string>;
  onClose: () => void;
  children?: ComponentChildren;
}) {
  const box = useRef<HTMLDialogElement>(null);
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState("");
  useEffect(() => {
    const dialog = box.current;
    const opener = document.activeElement;
    dialog?.showModal();
    return () => {
      dialog?.close();
      // the browser gives the focus back only to a dialog that is still in the page
      if (opener instanceof HTMLElement && opener.isConnected) opener.focus();
    };
  }, []);
  const done = async () => {
    setBusy(true);
    setFailed("");
    const problem = await props.onConfirm();
    setBusy(false);
    if (problem) setFailed(problem);
    else props.onClose();
  };
  return (
    <dialog ref={box} aria-labelledby="asked" onCancel={props.onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void done();
        }}
      >
        <h2 id="asked">{props.title}</h2>
        {props.patient && (
          <p>
            <strong>{props.patient.name}</strong>, {words.born} {props.patient.born},{" "}
            {words.identifier} {props.patient.identifier}
          </p>
        )}
        {props.children}
        {failed && (
          <p class="warn" role="alert">
            {failed}
          </p>
        )}
        <p class="buttons">
          <button type="submit" class="primary" disabled={busy || props.ready === false}>
            {props.confirm}
          </button>
          <button type="button" onClick={props.onClose}>
            {words.cancel}
          </button>
        </p>
      </form>
    </dialog>
  );
}
