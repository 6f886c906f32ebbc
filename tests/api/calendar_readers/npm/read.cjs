// Read a calendar from the standard input with the parser that is named; print its entries as JSON, by UID.
const text = require("fs").readFileSync(0, "utf8");
const iso = (date) => new Date(date).toISOString();

async function withIcalJs() {
  const { default: ICAL } = await import("ical.js");
  const calendar = new ICAL.Component(ICAL.parse(text));
  return calendar.getAllSubcomponents("vevent").map((part) => {
    const event = new ICAL.Event(part);
    return {
      uid: event.uid,
      start: iso(event.startDate.toJSDate()),
      end: iso(event.endDate.toJSDate()),
      summary: event.summary,
      location: event.location ?? "",
      sequence: event.sequence,
      status: part.getFirstPropertyValue("status"),
    };
  });
}

function withNodeIcal() {
  const ical = require("node-ical");
  return Object.values(ical.sync.parseICS(text))
    .filter((part) => part.type === "VEVENT")
    .map((event) => ({
      uid: event.uid,
      start: iso(event.start),
      end: iso(event.end),
      summary: event.summary,
      location: event.location ?? "",
      sequence: Number(event.sequence),
      status: event.status,
    }));
}

Promise.resolve(process.argv[2] === "ical.js" ? withIcalJs() : withNodeIcal()).then((events) =>
  console.log(JSON.stringify(events)),
);
