// What every browser test needs: its own server, a browser, and the common steps.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

export const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const screenshots = join(root, "target/screenshots");
const axe = readFileSync(join(dirname(fileURLToPath(import.meta.url)), "node_modules/axe-core/axe.min.js"), "utf8");
mkdirSync(screenshots, { recursive: true });

/** A port that's free for now. */
export const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

// A test that fails may leave its processes behind.
const children = new Set();
process.once("exit", () => children.forEach((child) => child.kill("SIGKILL")));

/** Starts a process that doesn't outlive the tests. */
export function start(command, args, options) {
  const child = spawn(command, args, options);
  children.add(child);
  child.once("exit", () => children.delete(child));
  return child;
}

/** Starts the real binary in an empty folder. */
export async function startServer(environment = {}, files = {}) {
  const folder = mkdtempSync(join(tmpdir(), "assent-browser-"));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const port = await freePort();
  const child = start(process.env.BINARY ?? join(root, "target/debug/assent"), [], {
    cwd: folder,
    env: { ...process.env, ROCKET_PORT: String(port), ASSENT_CAPS__PER_ADDRESS: "{ at_most = 10000, per_seconds = 3600 }", ...environment },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let log = "";
  child.stderr.on("data", (data) => (log += data));
  const origin = `http://localhost:${port}`;
  for (let tries = 0; ; tries++) {
    const ready = await fetch(`${origin}/health/ready`).catch(() => null);
    if (ready?.ok) break;
    if (tries > 600 || child.exitCode !== null) throw new Error(`the server did not start: ${log}`);
    await new Promise((wait) => setTimeout(wait, 50));
  }
  return {
    origin,
    folder,
    log: () => log,
    stop: () =>
      new Promise((resolve) => {
        child.once("exit", (status) => {
          rmSync(folder, { recursive: true, force: true });
          resolve(status);
        });
        child.kill("SIGTERM");
      }),
    /** The texts that a phone got from us, oldest first. */
    async texts(phone) {
      const messages = await (await fetch(`${origin}/simulator/messages?phone=${encodeURIComponent(phone)}`)).json();
      return messages.filter((message) => message.to === phone);
    },
    /** The code in the newest code text; waits until there are more than `before`. */
    async code(phone, before = 0) {
      for (let tries = 0; tries < 1200; tries++) {
        const codes = (await this.texts(phone)).filter((text) => text.kind === "code");
        if (codes.length > before) return codes.at(-1).text.split("#").at(-1);
        await new Promise((wait) => setTimeout(wait, 25));
      }
      throw new Error("no code came");
    },
  };
}

// The headless shell is the same browser, and quicker.
const browsers = [process.env.CHROMIUM, "/usr/bin/chromium-headless-shell", "/usr/bin/chromium"];

export const startBrowser = () =>
  chromium.launch({
    executablePath: browsers.find((path) => path && existsSync(path)),
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });

/** Phones and desktops, light and dark. */
export const LOOKS = [
  { name: "phone-light", viewport: { width: 320, height: 640 }, colorScheme: "light", hasTouch: true, isMobile: true },
  { name: "phone-dark", viewport: { width: 320, height: 640 }, colorScheme: "dark", hasTouch: true, isMobile: true },
  { name: "desktop-light", viewport: { width: 1280, height: 900 }, colorScheme: "light" },
  { name: "desktop-dark", viewport: { width: 1280, height: 900 }, colorScheme: "dark" },
];

/** Whether every look is wanted, as `scripts/test --all` does. */
export const everyLook = process.env.EVERY_LOOK === "yes";
/** The looks to try: both sizes and both schemes; with `everyLook`, each size in each scheme. */
export const TRIED = everyLook ? LOOKS : LOOKS.filter((look) => ["phone-light", "desktop-dark"].includes(look.name));

/** Opens a page in its own browser context, and collects script errors and refused resources in `page.problems`. */
export async function open(browser, origin, { name: _name, ...options } = {}) {
  const context = await browser.newContext({ baseURL: origin, reducedMotion: "reduce", ...options });
  const page = await context.newPage();
  page.problems = [];
  page.on("pageerror", (error) => page.problems.push(String(error)));
  page.on("console", (message) => {
    const expected = /status of (4|5)\d\d/.test(message.text());
    if (message.type() === "error" && !expected) page.problems.push(message.text());
  });
  return page;
}

/** Does something that leads to another page, and waits until that page has loaded and its script has run. */
export const follow = (page, action) => Promise.all([page.waitForEvent("load"), action()]);

/** Presses the button that submits a form. */
export const press = (page, name) => follow(page, () => page.getByRole("button", { name }).click());

/** What axe finds wrong with a page, in words. */
export async function axeFindings(page) {
  await page.evaluate(axe);
  const result = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
  return result.violations.map((v) => `${v.id}: ${v.help} (${v.nodes.map((n) => n.target.join(" ")).join(", ")})`);
}

/** Finds a page that's too wide, and controls that are too small to hit (WCAG 2.5.8, 44 px for buttons and fields). */
export async function layoutFindings(page) {
  return page.evaluate(() => {
    const findings = [];
    const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
    if (wide > 0) findings.push(`the page is ${wide} px too wide`);
    for (const control of document.querySelectorAll("a, button, input:not([type=hidden])")) {
      if (!control.checkVisibility()) continue;
      const box = (control.closest("label.agree") ?? control).getBoundingClientRect();
      const inSentence = control.tagName === "A" && control.closest("p, dd, .lead") && getComputedStyle(control).display === "inline";
      const least = ["BUTTON", "INPUT"].includes(control.tagName) ? 44 : 24;
      if (!inSentence && (box.height < least || box.width < 24)) {
        findings.push(`${control.outerHTML.slice(0, 80)} is ${Math.round(box.width)} x ${Math.round(box.height)} px`);
      }
    }
    return findings;
  });
}

export const screenshot = (page, name) => page.screenshot({ path: join(screenshots, `${name}.png`), fullPage: true });
