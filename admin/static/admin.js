// Five small comforts; every page works without them.
// 1. Parts marked data-live are fetched again every five seconds. 2. The barcode field keeps the focus.
// 3. Ctrl+Enter sends an answer, and a button pressed twice sends once. 4. What was just done is where the keyboard is.
// 5. A strip of tabs wider than a phone shows the chosen one.
"use strict";

const EVERY_MS = 5000;
const ONCE_MS = 10000; // a browser tells no page that its own stop button was pressed

async function refresh(part) {
  if (document.hidden || part.contains(document.activeElement)) return;
  let answer;
  try {
    answer = await fetch(part.dataset.live, { headers: { Accept: "text/html" } });
  } catch {
    return; // offline for a moment: the next round tries again
  }
  if (answer.redirected) { // signed out meanwhile
    location.reload();
    return;
  }
  if (!answer.ok) return;
  const text = await answer.text();
  const before = part.seen;
  part.seen = text.replace(/name="csrf_token" value="[^"]*"/g, ""); // tokens differ each time, the news may not
  if (before === undefined || before === part.seen) return;
  part.innerHTML = text;
  follow(part);
}

function follow(part) {
  if ("follow" in part.dataset) part.scrollTop = part.scrollHeight;
}

for (const part of document.querySelectorAll("[data-live]")) {
  follow(part);
  refresh(part); // what the page shows already, to compare with
  setInterval(() => refresh(part), EVERY_MS);
}

const strip = document.querySelector(".tabs");
const chosen = strip?.querySelector("[aria-current]");
if (chosen) strip.scrollLeft = chosen.offsetLeft - strip.offsetLeft;

const field = document.querySelector("[data-keep-focus]");
if (field) {
  document.addEventListener("click", (event) => {
    if (!event.target.closest("a, button, input, summary, details") && !String(getSelection())) field.focus();
  });
  window.addEventListener("focus", () => field.focus());
}

const said = document.querySelector("[role=status]:has(.done, .stop)"); // a page that comes with it does not read it out
if (said && !document.querySelector("[autofocus]")) {
  said.tabIndex = -1;
  said.focus();
}

for (const box of document.querySelectorAll("[data-send]")) {
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) box.form.requestSubmit();
  });
}

document.addEventListener("submit", (event) => {
  if (Date.now() - event.target.dataset.sent < ONCE_MS) {
    event.preventDefault();
    return;
  }
  if (event.target.method === "post") event.target.dataset.sent = Date.now();
});

function unsent() {
  for (const form of document.forms) delete form.dataset.sent;
}

window.addEventListener("pageshow", unsent); // back from the next page: the forms may be sent again
document.addEventListener("keydown", (event) => { // the sending was stopped
  if (event.key === "Escape") unsent();
});
