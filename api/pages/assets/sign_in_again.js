// The session has ended in the middle of something: a dialog over the page, in which one signs in without leaving it.
//   if (await signInAgain()) …   true when the same reader is signed in again, in this tab or another
import { request } from "./request.js";
import { say } from "./texts.js";

const LOOK_MS = 3000;

function make(tag, values, ...children) {
  const made = Object.assign(document.createElement(tag), values);
  made.append(...children);
  return made;
}

async function signedIn() {
  const answer = await request("GET", "/api/user").catch(() => null);
  return answer?.ok ? (await answer.json())._id : null;
}

async function mailLink(email) {
  const { csrfToken } = await (await request("GET", "/api/auth/csrf")).json();
  const fields = new URLSearchParams({ csrfToken, email, callbackUrl: location.href, json: "true" });
  const answer = await request("POST", "/api/auth/signin/email", fields);
  const { url } = await answer.json();
  return answer.ok && !new URL(url).searchParams.has("error");
}

export function signInAgain() {
  const me = document.body.dataset.me;
  const email = make("input", { type: "email", id: "again-email", required: true, autocomplete: "email", maxLength: 254 });
  const said = make("p", { className: "quiet", role: "status" });
  const form = make("form", { className: "stack", method: "dialog" },
    make("label", { htmlFor: "again-email", textContent: say("email") }), email,
    make("button", { className: "primary", textContent: say("send_link") }));
  const other = make("a", { href: `/api/auth/signin?callbackUrl=${encodeURIComponent(location.pathname)}`, target: "_blank", textContent: say("other_way") });
  const close = make("button", { type: "button", textContent: say("not_now") });
  const dialog = make("dialog", { className: "sign-in" },
    make("h2", { id: "again-title", textContent: say("signed_out") }), make("p", { textContent: say("signed_out_kept") }),
    form, said, make("p", {}, other), close);
  dialog.setAttribute("aria-labelledby", "again-title");
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((done) => {
    let timer = 0;
    const end = (isSame) => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", look);
      dialog.remove();
      done(isSame);
    };
    async function look() {
      const who = document.hidden ? null : await signedIn();
      if (!dialog.isConnected || !who) return;
      if (who === me) end(true);
      else location.reload(); // somebody else: what was written is not theirs
    }
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      event.stopPropagation();
      said.textContent = say((await mailLink(email.value).catch(() => false)) ? "link_sent" : "not_done");
    });
    dialog.addEventListener("close", () => end(false));
    close.addEventListener("click", () => dialog.close());
    document.addEventListener("visibilitychange", look);
    timer = setInterval(look, LOOK_MS);
  });
}
