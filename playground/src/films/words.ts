import type { Answer } from "../shared/api";
import { explain } from "../shared/api";
import { clock } from "../shared/countdown";
import { byId } from "../shared/dom";
import type { Film } from "../shared/film";
import { restAfter } from "../shared/pace";
import { windowInWords } from "../shared/quota-words";
import { VOTES, type Vote } from "./controls";
import type { Outbox } from "./outbox";

/** Milliseconds of a rest that is over before a person has looked at the next film: not worth a word. */
const NOTICED = 1_500;

/** Tells it to who cannot see it, when there is a pause. */
export function announce(text: string): void {
  byId("announcer").textContent = text;
}

/** A film in one breath. */
export function filmInWords({ name, studio, year, genres, likes, dislikes }: Film): string {
  const parts = [name, studio, year, ...genres].filter((part) => part !== undefined);
  return `${parts.join(", ")}. ${counted(likes, "like")}, ${counted(dislikes, "dislike")}.`;
}

/** Such as `1 film`, `1,049 films`. */
export function counted(count: number, noun: string): string {
  return `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
}

/** The film with a vote that was just cast, whether or not the live counts already have it. */
export function withVote(now: Film, before: Film, vote: Vote): Pick<Film, "likes" | "dislikes"> {
  return {
    likes: Math.max(now.likes, before.likes + (vote === "like" ? 1 : 0)),
    dislikes: Math.max(now.dislikes, before.dislikes + (vote === "dislike" ? 1 : 0)),
  };
}

/** Such as `Liked Frozen.` */
export function voteInWords(vote: Vote | undefined, { name }: Film): string {
  return vote ? `${VOTES[vote].stamp} ${name}.` : `Vote for ${name} taken back.`;
}

/** What holds up the votes that wait, and when the next goes out; empty where nobody would notice. */
export function waitInWords({ wishes, held, left }: Outbox): string {
  const [first] = wishes;
  if (!first || !held || left < NOTICED) return "";
  const what = first.vote
    ? `Your ${first.vote} of ${first.film.name}`
    : `Taking back your vote for ${first.film.name}`;
  const others = wishes.length > 1 ? `, and ${wishes.length - 1} more after it` : "";
  return `${why(held.answer)} ${what} goes out in ${clock(Math.ceil(left / 1000))}${others}.`;
}

function why(answer: Answer | undefined): string {
  if (!answer) return "No answer: the server or your network is gone.";
  if (!answer.ok && answer.status !== 429) return explain(answer);
  const { window } = restAfter(answer);
  if (!window || window.window < 60) return "Quick hands!";
  return `That was the last of ${window.quota} votes for this ${windowInWords(window.window)}.`;
}
