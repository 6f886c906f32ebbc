// The parts of a profile: skills are completed, the week becomes a grid, the photo is cut to size, the time zone and the
// rough place come from the browser where the reader has not said any. Without this module they are plain forms.
import * as skills from "./skills.js";
import { week } from "./week.js";
import { photo } from "./photo.js";
import { say } from "./texts.js";

export function mount(main) {
  const ends = [skills.mount(main)];
  for (const field of main.querySelectorAll("[data-week]")) ends.push(week(field));
  for (const form of main.querySelectorAll("[data-photo]")) ends.push(photo(form));
  for (const field of main.querySelectorAll("[data-zone]")) if (!field.value) field.value = Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
  for (const box of main.querySelectorAll("[data-near]")) if (navigator.geolocation) near(box);
  return () => ends.forEach((end) => end());
}

// Rounded before it leaves the device: a tenth of a degree is a town, and not a house.
function near(box) {
  const [field, button, status] = [box.querySelector("input"), box.querySelector("button"), box.querySelector("[role=status]")];
  box.hidden = false;
  button.addEventListener("click", () => {
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        field.value = `${coords.latitude.toFixed(1)},${coords.longitude.toFixed(1)}`;
        status.textContent = say("near_found");
      },
      () => { status.textContent = say("near_unknown"); },
      { maximumAge: 3600e3, timeout: 10e3 },
    );
  });
}
