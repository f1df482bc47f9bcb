"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const rules = JSON.parse(document.getElementById("rules").textContent);
  // A finding is [rank, code, line, row, column, value, message, fix, suggestion, cell, command].
  const [RANK, CODE, LINE, ROW, COLUMN, VALUE, MESSAGE, FIX, SUGGESTION, CELL, COMMAND] = data.length ? data[0].keys() : [];
  const step = 100;
  const $ = (id) => document.getElementById(id);
  const body = $("rows"), text = $("text"), rank = $("rank"), code = $("code"), more = $("more"), shown = $("shown");
  let hits = data, limit = step;
  if (!$("list")) return; // nothing was found

  const cell = (row, className, content, name) => {
    const td = row.insertCell();
    td.className = className;
    if (name) td.dataset.name = name;
    if (content instanceof Node) td.append(content); else td.textContent = content;
    return td;
  };
  const element = (tag, className, content) => {
    const e = document.createElement(tag);
    e.className = className;
    e.textContent = content;
    return e;
  };
  const addRow = (f) => {
    const row = body.insertRow();
    cell(row, "", element("span", "tag " + f[RANK], f[RANK]));
    cell(row, "n", f[CELL] || f[LINE] || "file", f[CELL] ? "cell" : f[LINE] ? "line" : "");
    const column = cell(row, "value", f[COLUMN], f[COLUMN] ? "column" : "");
    column.title = f[CODE];
    cell(row, "value", f[VALUE], f[VALUE] ? "value" : "");
    const what = cell(row, "what", f[MESSAGE]);
    const fix = f[FIX] || (rules[f[CODE]] || ["", ""])[1];
    if (fix) what.append(element("p", "fix", fix));
    if (f[SUGGESTION]) {
      const p = element("p", "", "Write: ");
      p.append(element("code", "", f[SUGGESTION]));
      what.append(p);
    }
    if (f[COMMAND]) {
      const p = element("p", "", f[COMMAND][0][0].toUpperCase() + f[COMMAND][0].slice(1) + ": ");
      p.append(element("code", "", f[COMMAND][1]));
      what.append(p);
    }
  };
  const show = (from) => {
    if (from === 0) body.replaceChildren();
    const until = Math.min(limit, hits.length);
    for (let i = from; i < until; i++) addRow(hits[i]);
    more.hidden = until >= hits.length;
    more.textContent = "Show " + Math.min(step, hits.length - until) + " more";
    const n = (x) => x.toLocaleString("en"), all = hits.length === data.length ? "" : ", of " + n(data.length) + " in all";
    shown.textContent = hits.length ? n(until) + " of " + n(hits.length) + " findings shown" + all
      : "No finding is like that: clear the search, or choose another class or kind";
  };
  const filter = () => {
    const words = text.value.toLowerCase().split(/\s+/).filter(Boolean);
    hits = data.filter((f) => {
      if (rank.value && f[RANK] !== rank.value || code.value && f[CODE] !== code.value) return false;
      if (!words.length) return true;
      const all = [f[LINE], f[CELL], f[COLUMN], f[VALUE], f[MESSAGE], f[CODE]].join(" ").toLowerCase();
      return words.every((w) => all.includes(w));
    });
    limit = step;
    show(0);
  };
  let wait;
  text.addEventListener("input", () => { clearTimeout(wait); wait = setTimeout(filter, 120); });
  for (const s of [rank, code]) s.addEventListener("change", filter);
  more.addEventListener("click", () => {
    const from = limit;
    limit += step;
    show(from);
    const next = body.rows[from];
    if (next) { next.tabIndex = -1; next.focus(); }
  });
  for (const b of document.querySelectorAll("[data-code]")) {
    b.addEventListener("click", () => { code.value = b.dataset.code; rank.value = ""; filter(); code.focus(); });
  }
  document.addEventListener("keydown", (e) => {
    if (e.key === "/" && !/INPUT|SELECT/.test(e.target.tagName)) { e.preventDefault(); text.focus(); }
    if (e.key === "Escape" && e.target === text) { text.value = ""; filter(); }
  });
  document.querySelector(".filters").addEventListener("submit", (e) => e.preventDefault());
  $("list").hidden = false;
  filter();
})();
