import { writeFileSync } from "node:fs";
import { open, startBrowser, startServer } from "./support.mjs";
const server = await startServer({ ASSENT_LOCALE__OFFERED: JSON.stringify(["en","es","fr"]), ASSENT_PROGRAM__ALTERNATIVE_URL: "https://www.acme.example/other" });
const browser = await startBrowser();
const page = await open(browser, server.origin, { viewport: { width: 390, height: 844 } });
await page.goto("/preview");
const states = await page.locator(".states a").allTextContents();
console.log(states.map((s,i)=>i+" "+s.trim()).join("\n"));
const want = process.argv.slice(2);
for (const w of want) {
  const [loc, place, scheme, width] = w.split(",");
  await page.setViewportSize({ width: Number(width||390), height: 844 });
  await page.emulateMedia({ colorScheme: scheme || "light" });
  await page.goto(`/preview/page/${loc}/${place}/${scheme||"light"}`);
  await page.screenshot({ path: `/tmp/shots/${loc}-${place}-${scheme||"light"}-${width||390}.png`, fullPage: true });
}
await browser.close(); await server.stop();
