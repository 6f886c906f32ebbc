// The strip "offline": shown while the network is gone, and gone when the service answers again.
//   if (await isLost(error)) …    after a request that has failed: is it the network?

const LOOK_MS = 4000;
let timer = 0;

const strip = () => document.getElementById("offline");

async function answers() {
  if (!navigator.onLine) return false;
  try {
    return (await fetch("/healthz", { cache: "no-store" })).ok;
  } catch {
    return false;
  }
}

async function look() {
  clearTimeout(timer);
  const isUp = await answers();
  strip().hidden = isUp;
  if (!isUp) timer = setTimeout(look, LOOK_MS);
  return isUp;
}

export const isLost = async () => !(await look());

addEventListener("offline", look);
addEventListener("online", look);
if (!navigator.onLine) look();
