import { byId } from "../shared/dom";
import type { Film } from "../shared/film";

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
