// Everything works without this script: it only saves reloading a page by hand.
"use strict";
const all = (selector, root = document) => Array.from(root.querySelectorAll(selector));

// Progress: the server sends numbers, and says when the page as a whole has become another.
for (const box of all("[data-events]")) {
  let source = null;
  const open = () => {
    if (source) return;
    source = new EventSource(box.dataset.events);
    source.addEventListener("progress", (event) => {
      const now = JSON.parse(event.data);
      for (const place of all("[data-show]", box)) {
        const text = now.text[place.dataset.show];
        if (text !== undefined && place.textContent !== text) place.textContent = text;
      }
      for (const bar of all("progress", box)) { bar.max = Math.max(1, now.total); bar.value = now.done; }
    });
    source.addEventListener("changed", () => { close(); location.reload(); });
  };
  const close = () => { if (source) { source.close(); source = null; } };
  document.addEventListener("visibilitychange", () => document.hidden ? close() : open()); // browsers allow few connections
  addEventListener("pagehide", close);
  open();
}

// What was asked for is not ready: the page is read again, but not while somebody fills in a form.
for (const box of all("[data-reload]")) {
  setInterval(() => {
    if (!document.hidden && !document.querySelector("details[open]") && !(document.activeElement && document.activeElement.form)) location.reload();
  }, 1000 * Number(box.dataset.reload));
}

// The deadline: the clock of this computer may be wrong, so that only what has passed since the page was made counts.
const made = Date.now();
for (const clock of all("[data-left]")) {
  const left = Number(clock.dataset.left);
  const tick = () => {
    const seconds = Math.max(0, left - Math.floor((Date.now() - made) / 1000));
    const pad = (n) => String(n).padStart(2, "0");
    clock.textContent = `${Math.floor(seconds / 3600)}:${pad(Math.floor(seconds / 60) % 60)}:${pad(seconds % 60)}`;
    if (seconds > 0) setTimeout(tick, 1000); else if (left > 0) setTimeout(() => location.reload(), 2000);
  };
  tick();
}

// Local times, beside those in UTC.
for (const time of all("time[datetime]")) {
  const at = new Date(time.dateTime);
  if (!isNaN(at)) time.title = at.toLocaleString(document.documentElement.lang, { dateStyle: "full", timeStyle: "long" });
}

// A file may be dropped anywhere on its field.
for (const area of all(".drop")) {
  const input = area.querySelector("input[type=file]");
  const over = (on) => (event) => { event.preventDefault(); area.classList.toggle("over", on); };
  area.addEventListener("dragover", over(true));
  area.addEventListener("dragleave", over(false));
  area.addEventListener("drop", (event) => {
    over(false)(event);
    if (event.dataTransfer.files.length === 1) input.files = event.dataTransfer.files;
  });
}

// A form that was sent is not sent a second time.
for (const form of all("form[method=post]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "yes";
    for (const button of all("button", form)) button.setAttribute("aria-busy", "true");
  });
}
addEventListener("pageshow", (event) => { if (event.persisted) for (const form of all("form")) delete form.dataset.sent; });
