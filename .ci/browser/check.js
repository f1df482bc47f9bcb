// Drives the pages of `migrate serve --sandbox` as people do: wide and on a phone, in the dark, in Japanese, by keyboard
// alone, and without JavaScript; axe-core looks at every page. It is started by .ci/browser/run:
//
//   node check.js PROGRAM STATE FILES [SHOTS]
//
// PROGRAM is the built program, STATE a scratch directory, FILES the examples; SHOTS is where screenshots go.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { chromium } from "playwright-core";

const [program, state, files, shots] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const good = `${files}/basic.csv`, broken = `${files}/broken.csv`;
let looked = 0;

// serve starts the program and returns the address that it prints.
function serve(name, ...args) {
  const child = spawn(program, ["serve", "--sandbox", "--addr", "127.0.0.1:0", "--state", `${state}/${name}`, ...args]);
  return new Promise((resolve, reject) => {
    let out = "", err = "";
    child.stdout.on("data", (d) => { out += d; if (out.includes("\n")) resolve({ child, address: out.trim() }); });
    child.stderr.on("data", (d) => { err += d; if (/"level":"ERROR"|panic/.test(String(d))) console.error(String(d)); });
    child.on("exit", (code) => reject(new Error(`the service ended with ${code}: ${err}`)));
  });
}

// scene has a scene played as soon as fewer than three others are.
const played = [], atOnce = 3;
function scene(...what) {
  const before = played[played.length - atOnce] ?? Promise.resolve();
  played.push(before.then(() => play(...what)));
}

// play opens a browser of its own on a service of its own.
async function play(name, options, act) {
  const { child, address } = await serve(name, ...(options.args ?? []));
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options.context });
  const page = await context.newPage();
  const wrong = [];
  page.on("console", (m) => { 
    if (/status of (404|422)/.test(m.text())) return; // what was meant to be refused
    if (m.type() === "error" || /Content Security Policy/i.test(m.text())) wrong.push(m.text());
  });
  page.on("pageerror", (e) => wrong.push(e.message));
  let shot = 0;
  const see = async (what) => {
    looked++;
    if (shots) await page.screenshot({ path: `${shots}/${name}-${String(++shot).padStart(2, "0")}-${what}.png`, fullPage: true });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth).catch(() => 0);
    assert.ok(wide <= 0, `${name}: ${what} is ${wide} px wider than the screen`);
    if (options.context?.javaScriptEnabled === false) return; // axe is a script
    // Evaluated by the debugger, which a page's own policy does not concern.
    await page.evaluate(axe);
    const found = await page.evaluate(() => globalThis.axe.run({ resultTypes: ["violations"] }));
    const serious = found.violations.filter((v) => ["serious", "critical"].includes(v.impact));
    assert.deepEqual(serious.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).slice(0, 3).join(" ")}`), [], `${name}: axe on ${what}`);
  };
  try {
    await page.goto(address);
    await page.waitForURL((u) => u.pathname === "/");
    await act(page, see, address);
    assert.deepEqual(wrong, [], `${name}: the browser complains`);
    console.log(`ok ${name}`);
  } catch (e) {
    if (shots) await page.screenshot({ path: `${shots}/${name}-failed.png`, fullPage: true }).catch(() => {});
    console.error(`${name} at ${page.url()}:`, e); // what ends the service below may fail as well
    throw e;
  } finally {
    await browser.close();
    child.removeAllListeners("exit");
    const ended = new Promise((resolve) => child.once("exit", resolve));
    assert.equal(child.exitCode, null, `${name}: the service goes on until Ctrl-C`);
    child.kill("SIGINT");
    assert.equal(await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 30000, "still running"))]), 0, `${name}: Ctrl-C ends it`);
  }
}

// until waits until the page shows a migration in a state: it reads itself again, with script or without.
async function until(page, state) { await page.locator(`.head .badge.${state}`).waitFor({ timeout: 60_000 }); }

// whole is the way from the upload to the cancel, with a mouse or a finger.
async function whole(page, see) {
  await see("empty-list");
  await page.goto(new URL("/new", page.url()).href);
  await see("new");
  await page.setInputFiles("#file", broken);
  await page.locator("main form button.primary").click();
  await until(page, "invalid");
  await see("invalid");
  await page.locator("nav.tabs a").nth(1).click();
  await see("findings");
  await page.selectOption("select[name=severity]", "error");
  await page.locator("form.filters button").click();
  assert.ok(await page.locator("tbody tr").count() > 5, "the findings are listed");
  await page.goto(new URL("/new", page.url()).href);
  await page.setInputFiles("#file", good);
  await page.locator("main form button.primary").click();
  await until(page, "reviewed");
  await see("reviewed");
  await page.locator("nav.tabs a").nth(2).click();
  await see("plan");
  assert.ok(await page.locator("svg rect.paid").count() > 0, "the chart has bars");
  await page.goBack();
  await page.fill("#account", "acct_wrong");
  await page.locator("form[action$='/start'] button.primary").click();
  await page.locator("[role=alert]").waitFor();
  await see("wrong-account");
  const account = await page.locator("#account-hint code").innerText();
  await page.fill("#account", account);
  await page.locator("form[action$='/start'] button.primary").click();
  await until(page, "canary_done");
  await see("canary");
  await page.locator("form[action$='/continue'] button").click();
  await until(page, "scheduled");
  await see("scheduled");
  await page.locator("form[action$='/acts/verify'] button").click();
  await page.locator("td .badge.good").waitFor({ timeout: 60_000 });
  await see("verified");
  await page.locator("nav.tabs a").nth(3).click();
  assert.equal(await page.locator("tbody tr").count(), 12);
  await see("rows");
  await page.goBack();
  await page.locator("details.danger-zone summary").click();
  await page.locator("input[name=sure]").check();
  await see("sure");
  await page.locator("form[action$='/cancel'] button").click();
  await until(page, "canceled");
  await see("canceled");
  for (const path of ["/", "/audit", "/accounts", "/no-such-page"]) {
    await page.goto(new URL(path, page.url()).href).catch(() => {});
    await see(path.slice(1) || "list");
  }
}

// tabTo presses Tab until something that fits has the focus, and checks that the focus can be seen.
async function tabTo(page, selector) {
  for (let i = 0; i < 80; i++) {
    await page.keyboard.press("Tab");
    if (await page.evaluate((s) => document.activeElement?.matches(s) ?? false, selector)) {
      const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
      assert.notEqual(outline, "none", `the focus on ${selector} cannot be seen`);
      return;
    }
  }
  throw new Error(`the keyboard does not reach ${selector}`);
}

scene("wide", {}, whole);
scene("phone", { context: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true } }, whole);
scene("dark", { context: { colorScheme: "dark" } }, whole);
scene("japanese", { context: { locale: "ja-JP", viewport: { width: 390, height: 844 } } }, async (page, see) => {
  assert.equal(await page.locator("html").getAttribute("lang"), "ja");
  await whole(page, see);
  await page.locator("button[name=to][value=en]").click();
  assert.equal(await page.locator("html").getAttribute("lang"), "en", "the language can be chosen");
});
scene("without-script", { context: { javaScriptEnabled: false } }, whole);
// Progress is live: the numbers change on a page that is not read again. Then it is paused, goes on, and is canceled on the way.
scene("watch", { args: ["--max-rate", "5"] }, async (page, see) => {
  await page.goto(new URL("/new", page.url()).href);
  await page.locator("summary").first().click();
  const rows = Array.from({ length: 100 }, (_, i) => `cus_${i},2051859600,price_1`);
  await page.fill("#text", ["customer,start_date,price", ...rows].join("\n") + "\n");
  await page.locator("main form button.primary").click();
  await until(page, "reviewed");
  await page.locator("input[type=checkbox][name=canary]").uncheck();
  await page.fill("#account", await page.locator("#account-hint code").innerText());
  await page.locator("form[action$='/start'] button.primary").click();
  await until(page, "running");
  await page.waitForFunction(() => document.querySelector("progress")?.value > 0);
  await page.evaluate(() => { window.same = true; });
  const before = await page.locator("[data-show=done]").innerText();
  await page.waitForFunction((text) => window.same && document.querySelector("[data-show=done]")?.textContent !== text, before);
  await see("running");
  await page.locator("form[action$='/pause'] button").click();
  await until(page, "paused");
  await see("paused");
  await page.locator("form[action$='/continue'] button").click();
  await until(page, "running");
  await page.locator("details.danger-zone summary").click();
  await page.locator("input[name=sure]").check();
  await page.locator("form[action$='/cancel'] button").click();
  await until(page, "canceling");
  await see("canceling");
  await until(page, "canceled");
});
scene("keyboard", {}, async (page, see) => {
  await tabTo(page, "nav a[href='/new']");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/new$/);
  await tabTo(page, "summary");
  await page.keyboard.press("Enter");
  await tabTo(page, "#text");
  await page.keyboard.insertText(readFileSync(good, "utf8"));
  await tabTo(page, "main form button.primary");
  await page.keyboard.press("Enter");
  await until(page, "reviewed");
  await tabTo(page, "#account");
  await page.keyboard.type(await page.locator("#account-hint code").innerText());
  await see("typed");
  await page.keyboard.press("Enter");
  await until(page, "canary_done");
  await tabTo(page, "form[action$='/continue'] button");
  await page.keyboard.press("Enter");
  await until(page, "scheduled");
  await tabTo(page, "details.danger-zone summary");
  await page.keyboard.press("Enter");
  await tabTo(page, "input[name=sure]");
  await page.keyboard.press("Space");
  await tabTo(page, "form[action$='/cancel'] button");
  await page.keyboard.press("Enter");
  await until(page, "canceled");
});
await Promise.all(played);
console.log(`${looked} pages were looked at`);
