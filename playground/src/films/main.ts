import "../shared/base.css";
import "../shared/parts.css";
import "./films.css";
import "./find.css";
import "./controls.css";
import "./ticket.css";
import "./poster.css";
import "./ticket-upright.css";
import "./lists.css";
import { type Answer, explain } from "../shared/api";
import { byId } from "../shared/dom";
import type { Film } from "../shared/film";
import { scarceInWords } from "../shared/quota-words";
import { current } from "../shared/session";
import { showWho } from "../shared/who";
import { AddDialog } from "./add";
import { Chips } from "./chips";
import type { Choice } from "./controls";
import { Deck } from "./deck";
import { listenForKeys } from "./keys";
import { copyLinks } from "./link";
import { Lists } from "./lists";
import { Note, type Remark } from "./note";
import { MOST, type Wish } from "./outbox";
import { Past } from "./past";
import { Search } from "./search";
import { Show } from "./show";
import { listenForSwipes } from "./swipe";
import { Toast } from "./toast";
import { Top } from "./top";
import { Votes } from "./votes";
import { announce, filmInWords, voteInWords } from "./words";

const genre = new URLSearchParams(location.search).get("genre") || undefined;
const toast = new Toast();
const search = new Search();
const top10 = new Top();
const past = new Past();
const chips = new Chips(genre, begin);
const deck = new Deck(genre, (films) => {
  countFilms();
  void votes.learn(films.map(({ id }) => id));
});
const votes = new Votes({ counted, refused, orphaned, stands, changed });
const note = new Note(votes, () => choose("undo"));
const lists = new Lists(past, votes);
const show = new Show({ deck, past, votes, changed, added, choose });
if (genre !== undefined || deck.isResumed) void chips.ask();
/** Votes that are lost with their caller, since the last press. */
let orphans: Wish[] = [];
const signIn = { label: "Sign in", run: () => byId("who").click() };

/** Somebody pressed a button, a key, or swiped. */
function choose(choice: Choice): void {
  note.clear();
  orphans = [];
  const { film } = show.ticket;
  const hindrance = (choice === "like" || choice === "dislike") && film && hindranceOf(film);
  if (hindrance) tell(hindrance);
  else if (choice === "search") search.focus();
  else if (choice === "undo") undo();
  else show.choose(choice);
}

function undo(): void {
  const film = votes.undo();
  if (!film) return;
  const words = voteInWords(votes.of(film.id), film);
  // Whoever undoes a vote looks at its film again.
  if (film.id === show.ticket.film?.id) announce(words);
  else void show.present(film, `${words} ${filmInWords(film)}`);
}

/** Why no vote can be cast for it. */
function hindranceOf(film: Film): Remark | undefined {
  const vote = votes.of(film.id);
  if (votes.isFixed(film.id)) {
    const text = `Your ${vote ?? "vote"} of ${film.name} stands: without an account it cannot be changed.`;
    return { text, ...signIn };
  }
  return votes.isFull && vote === undefined
    ? { text: `${MOST} votes wait to be sent. The next one can be cast when the first of them is counted.` }
    : undefined;
}

function tell(remark: Remark): void {
  note.say(remark);
  announce(remark.text);
}

/** Films of another genre, or of all; the address says which, for a reload and for others. */
function begin(genre: string | undefined): void {
  const query = genre === undefined ? "" : `?${new URLSearchParams({ genre })}`;
  history.replaceState(null, "", location.pathname + query);
  deck.choose(genre);
  show.begin();
}

function countFilms(): void {
  if (deck.genre === undefined && deck.total !== undefined) chips.count(deck.total);
}

function counted(film: Film, answer: Answer): void {
  byId("quota").textContent = scarceInWords(answer.quota, "film", "votes");
  show.count(film);
  top10.count(film);
}

function refused({ film, vote }: Wish, answer: Answer): void {
  const what = `Your ${vote ?? "vote"} of ${film.name} was not counted:`;
  if (answer.status === 404) show.drop(film.id);
  if (answer.status === 404) tell({ text: `${film.name} was taken off the programme.` });
  else {
    const isForAccounts = !current() && [401, 403].includes(answer.status);
    tell({ text: `${what} ${explain(answer)}`, ...(isForAccounts && signIn) });
  }
}

function orphaned(wish: Wish): void {
  orphans.push(wish);
  const why = current() ? "You signed in" : "You were signed out";
  const what =
    orphans.length === 1
      ? `your ${wish.vote ?? "vote"} of ${wish.film.name} was`
      : `your last ${orphans.length} votes were`;
  tell({ text: `${why}, so ${what} not counted.`, ...(!current() && signIn) });
}

function stands(film: Film): void {
  const hindrance = hindranceOf(film);
  if (hindrance) tell(hindrance);
}

function changed(): void {
  show.mark();
  note.tell();
  lists.draw();
}

function added(film: Film): void {
  toast.mention(film);
  chips.added(film);
}

new AddDialog((film) => {
  toast.isOwn(film.id);
  chips.added(film);
  void show.present(film, `Added as number ${film.id}. ${filmInWords(film)}`);
  byId("name").focus();
});
listenForKeys(choose);
listenForSwipes(byId("ticket"), choose);
copyLinks();
showWho();

const asked = () => location.hash.slice(1);
addEventListener("hashchange", () => {
  if (asked() && asked() !== String(show.ticket.film?.id)) void show.open(asked());
});
if (asked()) void show.open(asked());
else show.choose("next");
