import type { Answer } from "../shared/api";
import { byId } from "../shared/dom";
import type { Film } from "../shared/film";
import { restAfter } from "../shared/pace";
import { windowInWords } from "../shared/quota-words";
import type { Vote } from "./controls";

/** Tells it to who cannot see it, when there is a pause. */
export function announce(text: string): void {
  byId("announcer").textContent = text;
}

/** A film in one breath. */
export function filmInWords({ name, studio, year, genres, likes, dislikes }: Film): string {
  const parts = [name, studio, year, ...genres].filter((part) => part !== undefined);
  return `${parts.join(", ")}. ${counted(likes, "like")}, ${counted(dislikes, "dislike")}.`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** The film with the vote that was just cast, whether or not the live counts already have it. */
export function withVote(now: Film, before: Film, vote: Vote): Pick<Film, "likes" | "dislikes"> {
  return {
    likes: Math.max(now.likes, before.likes + (vote === "like" ? 1 : 0)),
    dislikes: Math.max(now.dislikes, before.dislikes + (vote === "dislike" ? 1 : 0)),
  };
}

/** Why the next one takes a while. */
export function quick(answer: Answer): string {
  const { window } = restAfter(answer);
  if (!window || window.window < 60) return "Quick hands!";
  return `That was the last of ${window.quota} films for this ${windowInWords(window.window)}.`;
}
