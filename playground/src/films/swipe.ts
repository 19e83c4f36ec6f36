import type { Vote } from "./controls";

/** Pixels after which a swipe is meant. */
const FAR = 90;

/** A finger takes the ticket to the right (like) or to the left (dislike). Up and down stay the browser's. */
export function listenForSwipes(ticket: HTMLElement, choose: (vote: Vote) => void): void {
  let start: { id: number; x: number } | undefined;
  const drop = () => {
    start = undefined;
    ticket.style.removeProperty("translate");
    delete ticket.dataset.lean;
  };
  ticket.addEventListener("pointerdown", ({ pointerType, pointerId, clientX, isPrimary }) => {
    if (pointerType === "touch" && isPrimary) start = { id: pointerId, x: clientX };
  });
  ticket.addEventListener("pointermove", ({ pointerId, clientX }) => {
    if (start?.id !== pointerId) return;
    const moved = clientX - start.x;
    ticket.style.setProperty("translate", `${moved}px 0`);
    if (Math.abs(moved) >= FAR) ticket.dataset.lean = moved > 0 ? "like" : "dislike";
    else delete ticket.dataset.lean;
  });
  ticket.addEventListener("pointerup", ({ pointerId, clientX }) => {
    if (start?.id !== pointerId) return;
    const moved = clientX - start.x;
    drop();
    if (Math.abs(moved) >= FAR) choose(moved > 0 ? "like" : "dislike");
  });
  ticket.addEventListener("pointercancel", drop);
}
