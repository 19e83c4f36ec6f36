import "../shared/base.css";
import "../shared/parts.css";
import "./rest.css";
import "./narrow.css";
import "./answer.css";
import { NoAnswer, send } from "../shared/api";
import { copyText } from "../shared/copy";
import { Countdown, clock } from "../shared/countdown";
import type { Call } from "../shared/curl";
import { byId } from "../shared/dom";
import { readFilm } from "../shared/film";
import { quotaInWords } from "../shared/quota-words";
import { hasEnded } from "../shared/session";
import { showWho } from "../shared/who";
import { reveal, showAnswer, showNoAnswer } from "./answer-view";
import { listEndpoints } from "./endpoint-list";
import { type Entry, History, kept } from "./history";
import { LiveFilm } from "./live-film";
import { nextPage } from "./next-page";
import { RequestForm } from "./request-form";

const liveFilm = new LiveFilm();
const countdown = new Countdown();
const history = new History((entry) => {
  form.fill(entry.call);
  show(entry);
});
const form = new RequestForm((call) => void run(call));
void listEndpoints(
  (endpoint) => form.choose(endpoint),
  () => form.chooseNone(),
);

const button = byId<HTMLButtonElement>("send");
const wait = byId("wait");
let latest = 0;

async function run(call: Call): Promise<void> {
  const turn = ++latest;
  button.dataset.busy = "";
  const entry = await answered(call);
  history.add(kept(entry));
  // It may have been the session of this page, or its key.
  if (call.method === "DELETE" && call.signed) void hasEnded();
  // An answer that was overtaken is in the list, and does not push away the later one.
  if (turn !== latest) return;
  delete button.dataset.busy;
  show(entry);
  hold(entry);
  reveal();
}

async function answered(call: Call): Promise<Entry> {
  try {
    return { call, answer: await send(form.filled(call)), reason: "" };
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error;
    return { call, answer: undefined, reason: error.message };
  }
}

function show({ call, answer, reason }: Entry): void {
  const next = byId<HTMLButtonElement>("next-page");
  next.hidden = true;
  if (!answer) {
    liveFilm.show(undefined);
    showNoAnswer(reason);
    return;
  }
  showAnswer(call.method, answer);
  byId("quota").textContent = quotaInWords(answer.quota);
  liveFilm.show(answer.ok ? readFilm(answer.json) : undefined);
  const page = nextPage(call, answer.json);
  next.hidden = !page;
  next.onclick = () => {
    if (!page) return;
    form.fill(page);
    void run(form.call() ?? page);
  };
}

/** After a refusal for the quota: says when it comes back, and stops nobody from being refused again. */
function hold({ answer }: Entry): void {
  countdown.stop();
  button.textContent = "Send";
  wait.hidden = true;
  const isRefused = answer?.status === 429 || answer?.status === 503;
  if (!isRefused || answer.retryAfter === undefined) return;
  wait.hidden = false;
  countdown.start(
    answer.retryAfter,
    (left) => {
      wait.textContent = `Comes back in ${clock(left)}. You may send all the same.`;
      button.textContent = `Send (${clock(left)})`;
    },
    () => {
      wait.textContent = "It is back: send again.";
      button.textContent = "Send";
    },
  );
}

showWho();
byId("copy").addEventListener("click", () => void copyText(byId("copy"), byId("curl")));
