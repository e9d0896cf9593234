"""A site whose users add a verified phone number, by a hosted session (docs/integrate.md). Run it with

ASSENT_URL=http://localhost:8000 ASSENT_SITE=shop ASSENT_API_KEY=... PORT=9000 python app.py
"""

import json
import os
import secrets
import sys
import urllib.error
import urllib.request

import jwt
from django.conf import settings
from django.http import HttpResponse, HttpResponseForbidden, HttpResponseRedirect
from django.middleware.csrf import get_token
from django.urls import path
from django.utils.html import format_html
from django.views.decorators.http import require_POST

ASSENT_URL = os.environ["ASSENT_URL"].rstrip("/")
ASSENT_SITE = os.environ["ASSENT_SITE"]
ASSENT_API_KEY = os.environ["ASSENT_API_KEY"]
ORIGIN = f"http://localhost:{os.environ.get('PORT', '9000')}"

settings.configure(
    ALLOWED_HOSTS=["localhost"],
    SECRET_KEY=secrets.token_hex(32),
    ROOT_URLCONF=__name__,
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
    ],
    SESSION_ENGINE="django.contrib.sessions.backends.signed_cookies",
)

# Your users, and the numbers that you have on file for them. A real site has a database.
ON_FILE = {"ada": "+12025550147"}
phones = {}
keys = jwt.PyJWKClient(f"{ASSENT_URL}/.well-known/jwks.json")


def call(method, path, body=None, headers=None):
    """Calls Assent's API, and returns the status and the answer."""
    request = urllib.request.Request(
        ASSENT_URL + path,
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {ASSENT_API_KEY}", "Content-Type": "application/json", **(headers or {})},
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def page(body):
    return HttpResponse(format_html('<!doctype html><html lang="en"><title>Shop</title><h1>Shop</h1>{}</html>', body))


def button(request, action, label, field=""):
    token = get_token(request)
    return format_html(
        '<form method="post" action="{}"><input type="hidden" name="csrfmiddlewaretoken" value="{}">{}<button>{}</button></form>',
        action, token, field, label,
    )


def home(request):
    """Stands in for your own sign-in."""
    if "user" in request.session:
        return HttpResponseRedirect("/account")
    return page(button(request, "/sign-in", "Sign in", format_html('<label>Name <input name="user"></label> ')))


@require_POST
def sign_in(request):
    request.session.cycle_key()
    request.session["user"] = request.POST["user"]
    return HttpResponseRedirect("/account")


def account(request):
    user = request.session.get("user")
    if user is None:
        return HttpResponseRedirect("/")
    if user in phones:
        return page(format_html("<p>Signed in as {}</p><p>Your phone: {}, verified</p>", user, phones[user]["phone_number"]))
    return page(format_html("<p>Signed in as {}</p>{}", user, button(request, "/phone/add", "Add your phone")))


@require_POST
def add_phone(request):
    """Makes a session, and sends the user to it."""
    user = request.session.get("user")
    if user is None:
        return HttpResponseRedirect("/")
    body = {"ref": user, "return_url": f"{ORIGIN}/phone", "cancel_url": f"{ORIGIN}/phone"}
    if user in ON_FILE:
        body["phone_number"] = ON_FILE[user]
    status, answer = call("POST", "/api/v1/sessions", body, {"Idempotency-Key": secrets.token_hex(16)})
    if status != 201:
        return HttpResponse(answer["detail"], status=502)
    request.session["phone_session"] = answer["id"]
    return HttpResponseRedirect(answer["url"])


def phone(request):
    """The user is back. What the URL says proves nothing, so ask Assent."""
    name = request.session.get("phone_session")
    # Only the session that this user began counts.
    if name is None or request.GET.get("session") != name:
        return HttpResponseForbidden("That isn't your request.")
    if "assent" not in request.GET:
        # The user went back without verifying a number.
        return HttpResponseRedirect("/account")
    # Only the browser that verified the number has the code. Without this, a user could send the session's URL to somebody else,
    # and get that person's number.
    status, answer = call("POST", "/api/v1/results", {"code": request.GET["assent"]})
    if status != 200 or answer["session"] != name or answer["ref"] != request.session.get("user"):
        return HttpResponseRedirect("/account")
    # The statement is what you keep as proof. This raises if the signature, the issuer or the audience is wrong.
    claims = jwt.decode(
        answer["statement"],
        keys.get_signing_key_from_jwt(answer["statement"]),
        algorithms=["ES256"],
        issuer=ASSENT_URL,
        audience=ASSENT_SITE,
    )
    phones[claims["sub"]] = {"phone_number": claims["phone_number"], "statement": answer["statement"]}
    return HttpResponseRedirect("/account")


urlpatterns = [
    path("", home),
    path("sign-in", sign_in),
    path("account", account),
    path("phone/add", add_phone),
    path("phone", phone),
]

if __name__ == "__main__":
    from django.core.management import execute_from_command_line

    execute_from_command_line([sys.argv[0], "runserver", "--noreload", f"127.0.0.1:{os.environ.get('PORT', '9000')}"])
