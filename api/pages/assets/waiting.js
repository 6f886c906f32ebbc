// Messages that wait on this device are sent from any page: where some do, the outbox is fetched, and sends them.
import { account } from "./request.js";

function look() {
  try {
    if (account() && localStorage.getItem(`outbox:${account()}`)) import("./outbox.js");
  } catch { /* no storage: they go from the page in which they were written */ }
}

document.addEventListener("page", look);
addEventListener("storage", ({ key }) => { if (key === `outbox:${account()}`) look(); });
