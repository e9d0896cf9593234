// A site whose users add a verified phone number, by a link to Assent (docs/integrate.md). Run it with
// ASSENT_URL=http://localhost:8000 ASSENT_SITE=shop ASSENT_API_KEY=... PORT=9000 node server.js
import express from "express";
import session from "express-session";
import { createRemoteJWKSet, jwtVerify } from "jose";

const { ASSENT_URL, ASSENT_SITE, ASSENT_API_KEY, PORT = "9000" } = process.env;
const keys = createRemoteJWKSet(new URL("/.well-known/jwks.json", ASSENT_URL));

// Your users. A real site has a database.
const phones = new Map();

const app = express();
app.use(session({ secret: crypto.randomUUID(), resave: false, saveUninitialized: false, cookie: { sameSite: "lax" } }));
app.use(express.urlencoded({ extended: false }));

const escaped = (text) => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
const page = (body) => `<!doctype html><html lang="en"><meta charset="utf-8"><title>Shop</title><body><h1>Shop</h1>${body}</body></html>`;

// Stands in for your own sign-in.
app.get("/", (request, response) => {
  if (request.session.user) return response.redirect("/account");
  response.send(page('<form method="post" action="/sign-in"><label>Name <input name="user"></label> <button>Sign in</button></form>'));
});
app.post("/sign-in", (request, response) => {
  request.session.regenerate(() => {
    request.session.user = request.body.user;
    response.redirect("/account");
  });
});

// Everything below is for users who have signed in.
app.use((request, response, next) => (request.session.user ? next() : response.redirect("/")));

app.get("/account", (request, response) => {
  const user = request.session.user;
  const phone = phones.get(user);
  const link = `${ASSENT_URL}/?${new URLSearchParams({ site: ASSENT_SITE, ref: user })}`;
  const status = phone ? `Your phone: ${escaped(phone.phone_number)}, verified` : `<a href="${escaped(link)}">Add your phone</a>`;
  response.send(page(`<p>Signed in as ${escaped(user)}</p><p>${status}</p>`));
});

// The first of return_urls: the person comes back with a code.
app.get("/phone", async (request, response) => {
  const answer = await fetch(new URL("/api/v1/results", ASSENT_URL), {
    method: "POST",
    headers: { authorization: `Bearer ${ASSENT_API_KEY}`, "content-type": "application/json" },
    body: JSON.stringify({ code: String(request.query.assent ?? "") }),
  });
  if (!answer.ok) return response.status(400).send(page("<p>That link doesn't work anymore. <a href='/account'>Try again</a></p>"));
  const result = await answer.json();

  // Without this check, somebody could send a user a link that attaches that user's number to their own account.
  if (result.ref !== request.session.user) return response.status(403).send(page("<p>That phone was verified for somebody else.</p>"));

  // The statement is what you keep as proof. It throws if the signature, the issuer or the audience is wrong.
  const { payload } = await jwtVerify(result.statement, keys, { algorithms: ["ES256"], issuer: new URL(ASSENT_URL).origin, audience: ASSENT_SITE });
  if (payload.sub !== request.session.user) throw new Error("the statement is about somebody else");
  phones.set(payload.sub, { phone_number: payload.phone_number, statement: result.statement });
  response.redirect("/account");
});

app.listen(Number(PORT), "127.0.0.1", () => console.log(`http://localhost:${PORT}`));
