import { useEffect, useId, useRef, useState, useSyncExternalStore } from "react";
import { clock, inWords } from "../shared/countdown.ts";
import { bucketInWords, leftInWords, moreInWords, quotaInWords, spanInWords } from "../shared/quota-words.ts";
import { refresh, type Standing, snapshot, subscribe } from "./quota-store.ts";

/** What is left of the quota that the last call drew from; all of them on demand. */
export function QuotaMeter() {
  const standing = useSyncExternalStore(subscribe, snapshot);
  const [open, setOpen] = useState(false);
  const panel = useId();
  const box = useRef<HTMLDivElement>(null);

  useEffect(() => {
    void refresh("film");
  }, []);
  useEffect(() => {
    if (!open) return;
    void refresh();
    const close = (event: Event) => {
      if (event instanceof KeyboardEvent && event.key === "Escape") {
        setOpen(false);
        box.current?.querySelector("button")?.focus();
      } else if (event.type !== "keydown" && !box.current?.contains(event.target as Node)) {
        setOpen(false);
      }
    };
    const events = ["keydown", "pointerdown", "focusin"];
    for (const name of events) document.addEventListener(name, close);
    return () => {
      for (const name of events) document.removeEventListener(name, close);
    };
  }, [open]);

  return (
    <div className="meter" ref={box}>
      <button
        type="button"
        className={standing.refusal ? "over" : undefined}
        aria-expanded={open}
        aria-controls={panel}
        onClick={() => setOpen(!open)}
      >
        {standingInWords(standing)}
      </button>
      <div id={panel} className="windows" hidden={!open}>
        {open && <Windows standing={standing} />}
      </div>
      <Announcer standing={standing} />
    </div>
  );
}

/** The standing in one line, such as `Film calls: 49 of 50 left this hour, 199 of 200 today`. */
function standingInWords({ windows, bucket, refusal, known }: Standing): string {
  if (refusal) return `Over quota: again in ${clock(refusal.seconds)}`;
  if (known && !windows.length) return "No limits";
  return quotaInWords(windows.filter((window) => window.bucket === bucket)) || "Quota";
}

function Windows({ standing: { windows } }: { standing: Standing }) {
  if (!windows.length) return <p>Limits are switched off.</p>;
  return (
    <table>
      <caption>Your quotas. Looking is free.</caption>
      <thead>
        <tr>
          <th scope="col">Quota</th>
          <th scope="col">Left</th>
          <th scope="col">One more in</th>
        </tr>
      </thead>
      <tbody>
        {windows.map((window) => (
          <tr key={window.name}>
            <th scope="row">
              {bucketInWords(window.bucket)} {spanInWords(window.window)}
            </th>
            <td>{leftInWords(window)}</td>
            <td>{moreInWords(window) || "–"}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Says aloud that calls are refused and that they pass again: once each, while the eye sees every second. */
function Announcer({ standing: { refusal } }: { standing: Standing }) {
  const [text, setText] = useState("");
  const refused = refusal !== undefined;
  const seconds = refusal?.seconds ?? 0;
  const first = useRef(0);
  useEffect(() => {
    if (refused && !first.current) {
      first.current = seconds;
      setText(`Over quota: again in ${inWords(seconds)}`);
    } else if (!refused && first.current) {
      first.current = 0;
      setText("Calls pass again");
    }
  }, [refused, seconds]);
  return (
    <p className="aloud" aria-live="polite">
      {text}
    </p>
  );
}
