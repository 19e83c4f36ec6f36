import "../shared/base.css";
import "../shared/parts.css";
import "./films.css";
import "./ticket.css";
import "./poster.css";
import "./ticket-upright.css";
import { byId } from "../shared/dom";
import { showWho } from "../shared/who";
import { AddDialog } from "./add";
import { listenForKeys } from "./keys";
import { Show } from "./show";
import { listenForSwipes } from "./swipe";
import { Toast } from "./toast";
import { announce, filmInWords } from "./words";

const toast = new Toast();
const show = new Show((film) => toast.mention(film));

new AddDialog((film) => {
  toast.isOwn(film.id);
  history.replaceState(null, "", `#${film.id}`);
  void show.present(film, `Added as number ${film.id}. ${filmInWords(film)}`);
  byId("name").focus();
});

listenForKeys((choice) => show.choose(choice));
listenForSwipes(byId("ticket"), (choice) => show.choose(choice));

byId("link").addEventListener("click", async (event) => {
  // Where the page may not write to the clipboard, the link is followed: then the address can be copied.
  if (!navigator.clipboard) return;
  event.preventDefault();
  const link = byId<HTMLAnchorElement>("link");
  await navigator.clipboard.writeText(link.href).then(
    () => {
      link.textContent = "Copied";
      announce("The link is copied.");
      setTimeout(() => {
        link.textContent = "Copy link";
      }, 2_000);
    },
    () => location.assign(link.href),
  );
});

showWho();

const asked = () => location.hash.slice(1);
addEventListener("hashchange", () => {
  if (asked() && asked() !== String(show.ticket.film?.id)) void show.open(asked());
});
if (asked()) void show.open(asked());
else show.choose("next");
