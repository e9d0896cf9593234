// The examples, as a site's developer runs them: from "Add your phone" to the verified number on the site's account page.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { axeFindings, freePort, layoutFindings, open, press, root, screenshot, start, startBrowser, startServer } from "./support.mjs";

// The library that the example checks statements with.
const jose = await import(createRequire(join(root, "examples/express/server.js")).resolve("jose"));

const KEY = "0123456789abcdef0123456789abcdef0123456789abcdef";
const EXAMPLES = {
  express: [process.execPath, [join(root, "examples/express/server.js")]],
  django: [join(root, "target/django/bin/python"), [join(root, "examples/django/app.py")]],
};

let browser;
before(async () => {
  browser = await startBrowser();
});
after(() => browser?.close());

/** Starts an example and the server that it uses. */
async function startExample(name) {
  const port = await freePort();
  const site = `http://localhost:${port}`;
  const server = await startServer({
    ASSENT_SITES__SHOP__RETURN_URLS: `["${site}/phone"]`,
    ASSENT_SITES__SHOP__API_KEY: KEY,
  });
  const [command, args] = EXAMPLES[name];
  const env = { ...process.env, ASSENT_URL: server.origin, ASSENT_SITE: "shop", ASSENT_API_KEY: KEY, PORT: String(port) };
  const child = start(command, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  let log = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (log += data));
  for (let tries = 0; !(await fetch(site).catch(() => null))?.ok; tries++) {
    if (tries > 600 || child.exitCode !== null) throw new Error(`the example did not start: ${log}`);
    await new Promise((wait) => setTimeout(wait, 50));
  }
  const stop = async () => {
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    await ended;
    await server.stop();
  };
  return { server, site, stop, log: () => log };
}

async function signIn(page, user) {
  await page.goto("/");
  await page.getByLabel("Name").fill(user);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByText(`Signed in as ${user}`).waitFor();
}

/** Goes through our pages, from the box to the last button. */
async function verify(page, server, phone) {
  await page.getByRole("checkbox").check();
  const before = (await server.texts(phone)).filter((text) => text.kind === "code").length;
  await press(page, "Text me a code");
  await page.getByLabel(/code/i).first().fill(await server.code(phone, before));
  await press(page, "Verify");
  await page.getByRole("heading", { name: "Your phone is verified" }).waitFor();
}

for (const javaScriptEnabled of [true, false]) {
  const script = javaScriptEnabled ? "with" : "without";

  test(`Express: a link leads to the verified number, ${script} JavaScript`, async () => {
    const { server, site, stop, log } = await startExample("express");
    try {
      const page = await open(browser, site, { javaScriptEnabled, viewport: { width: 320, height: 640 } });
      await signIn(page, "ada");
      await page.getByRole("link", { name: "Add your phone" }).click();
      await page.getByLabel("US mobile number").fill("(202) 555-0147");
      await verify(page, server, "+12025550147");
      if (javaScriptEnabled) {
        assert.deepEqual(await axeFindings(page), []);
        assert.deepEqual(await layoutFindings(page), []);
        await screenshot(page, "integrate-link-done");
      }
      let returned;
      page.on("request", (request) => {
        if (request.url().startsWith(`${site}/phone?`)) returned = request.url();
      });
      await page.getByRole("button", { name: "Continue to localhost" }).click();
      await page.getByText("Your phone: +12025550147, verified").waitFor();
      assert.match(returned, /\?assent=[0-9a-f]{32}$/, log());
      assert.deepEqual(page.problems, []);

      // The code is used up, and a made-up one doesn't work.
      for (const url of [returned, "/phone?assent=00000000000000000000000000000000", "/phone"]) {
        await page.goto(url);
        await page.getByText("That link doesn't work anymore.").waitFor();
      }
      await page.context().close();
    } finally {
      await stop();
    }
  });

  test(`Django: a hosted session leads to the verified number, ${script} JavaScript`, async () => {
    const { server, site, stop, log } = await startExample("django");
    try {
      const page = await open(browser, site, { javaScriptEnabled, viewport: { width: 320, height: 640 } });
      await signIn(page, "ada");
      await page.getByRole("button", { name: "Add your phone" }).click();
      const field = page.getByLabel("US mobile number");
      assert.equal(await field.inputValue(), "(•••) •••-0147", log());
      await page.getByText("The number that localhost has for you").waitFor();
      if (javaScriptEnabled) {
        assert.deepEqual(await axeFindings(page), []);
        assert.deepEqual(await layoutFindings(page), []);
        await screenshot(page, "integrate-hosted-start");
      }
      const hosted = page.url();

      // First, the person changes their mind.
      await page.getByRole("button", { name: "Back to localhost" }).click();
      await page.getByRole("button", { name: "Add your phone" }).waitFor();
      await page.goto(hosted);
      await page.getByRole("heading", { name: "This request was canceled" }).waitFor();
      if (javaScriptEnabled) {
        assert.deepEqual(await axeFindings(page), []);
        await screenshot(page, "integrate-hosted-canceled");
      }

      await page.goto(`${site}/account`);
      await page.getByRole("button", { name: "Add your phone" }).click();
      await verify(page, server, "+12025550147");
      // Back and forward don't lose it.
      await page.goBack();
      await page.goto(`${server.origin}/done`);
      await page.getByRole("button", { name: "Continue to localhost" }).click();
      await page.getByText("Your phone: +12025550147, verified").waitFor();
      assert.deepEqual(page.problems, []);

      // A session that somebody else began proves nothing here.
      const other = await open(browser, site, { javaScriptEnabled });
      await signIn(other, "eve");
      const forged = await other.goto("/phone?session=ses_00000000000000000000000000000000");
      assert.equal(forged.status(), 403);
      await other.context().close();
      await page.context().close();
    } finally {
      await stop();
    }
  });
}

test("Express: a code that somebody else brings is refused", async () => {
  const { server, site, stop } = await startExample("express");
  try {
    // Ada verifies her number, but the link back is opened in Eve's browser.
    const ada = await open(browser, site);
    await signIn(ada, "ada");
    await ada.getByRole("link", { name: "Add your phone" }).click();
    await ada.getByLabel("US mobile number").fill("(202) 555-0147");
    await verify(ada, server, "+12025550147");
    const back = await ada.request.post(`${server.origin}/session/return`, { maxRedirects: 0 });
    const stolen = back.headers().location;
    const eve = await open(browser, site);
    await signIn(eve, "eve");
    await eve.goto(stolen);
    await eve.getByText("That phone was verified for somebody else.").waitFor();
    await eve.goto("/account");
    await eve.getByRole("link", { name: "Add your phone" }).waitFor();
  } finally {
    await stop();
  }
});

test("Django: a number that somebody else verified is refused", async () => {
  const { server, site, stop } = await startExample("django");
  try {
    // Eve begins, and gets somebody else to verify a number in her session.
    const eve = await open(browser, site);
    await signIn(eve, "eve");
    await eve.getByRole("button", { name: "Add your phone" }).click();
    await eve.getByLabel("US mobile number").waitFor();
    const hosted = eve.url();
    const victim = await open(browser, server.origin);
    await victim.goto(hosted);
    await victim.getByLabel("US mobile number").fill("(202) 555-0147");
    await verify(victim, server, "+12025550147");
    const name = new URL(hosted).searchParams.get("session");
    for (const query of [`session=${name}`, `session=${name}&assent=00000000000000000000000000000000`]) {
      await eve.goto(`${site}/phone?${query}`);
      await eve.getByRole("button", { name: "Add your phone" }).waitFor();
    }
    // The victim's own way back ends in a browser that didn't begin this.
    const back = await victim.request.post(`${server.origin}/session/return`, { maxRedirects: 0 });
    assert.equal((await victim.goto(back.headers().location)).status(), 403);
  } finally {
    await stop();
  }
});

test("a statement convinces a site only if we signed it for that site", async () => {
  const { server, site, stop } = await startExample("express");
  try {
    const call = async (method, path, body) => {
      const headers = { authorization: `Bearer ${KEY}`, "content-type": "application/json" };
      return (await fetch(`${server.origin}${path}`, { method, headers, body: body && JSON.stringify(body) })).json();
    };
    const session = await call("POST", "/api/v1/sessions", { ref: "ada", return_url: `${site}/phone` });
    const page = await open(browser, server.origin);
    await page.goto(session.url);
    await page.getByLabel("US mobile number").fill("(202) 555-0147");
    await verify(page, server, "+12025550147");
    const { statement } = await call("GET", `/api/v1/sessions/${session.id}`);

    const jwks = await (await fetch(`${server.origin}/.well-known/jwks.json`)).json();
    const keys = jose.createLocalJWKSet(jwks);
    const wanted = { algorithms: ["ES256"], issuer: server.origin, audience: "shop" };
    const { payload } = await jose.jwtVerify(statement, keys, wanted);
    assert.equal(payload.sub, "ada");
    assert.equal(payload.phone_number, "+12025550147");
    assert.equal(jwks.keys[0].kid, await jose.calculateJwkThumbprint(jwks.keys[0]), "the key's name is its thumbprint (RFC 7638)");

    const claims = { ...payload, sub: "eve" };
    const other = await jose.generateKeyPair("ES256");
    const kid = jwks.keys[0].kid;
    const signed = await new jose.SignJWT(claims).setProtectedHeader({ alg: "ES256", kid }).sign(other.privateKey);
    await assert.rejects(jose.jwtVerify(signed, keys, wanted), "another key");
    const unsigned = new jose.UnsecuredJWT(claims).encode();
    await assert.rejects(jose.jwtVerify(unsigned, keys, wanted), "no signature");
    await assert.rejects(jose.jwtVerify(statement, keys, { ...wanted, audience: "club" }), "another audience");
    await assert.rejects(jose.jwtVerify(statement, keys, { ...wanted, issuer: "https://other.example" }), "another issuer");
    const [header, , signature] = statement.split(".");
    const changed = [header, Buffer.from(JSON.stringify(claims)).toString("base64url"), signature].join(".");
    await assert.rejects(jose.jwtVerify(changed, keys, wanted), "changed claims");
  } finally {
    await stop();
  }
});
