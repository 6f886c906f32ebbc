// People: completion of the search, a profile that is shared, and how many characters of a note are left.
import * as skills from "./skills.js";

export function mount(main) {
  const ends = [skills.mount(main), ...[...main.querySelectorAll("[data-share]")].map(share), ...[...main.querySelectorAll("[data-left]")].map(count)];
  return () => ends.forEach((end) => end());
}

// The link to a profile is chosen as a whole, and offered to the device where it can share.
function share(field) {
  const listening = new AbortController();
  field.addEventListener("focus", () => field.select(), { signal: listening.signal });
  field.addEventListener("click", () => navigator.share?.({ url: field.value }).catch(() => {}), { signal: listening.signal });
  return () => listening.abort();
}

function count(field) {
  const listening = new AbortController();
  const shown = document.getElementById(field.dataset.left);
  const show = () => { shown.textContent = `${field.value.length}/${field.maxLength}`; };
  field.addEventListener("input", show, { signal: listening.signal });
  show();
  return () => listening.abort();
}
