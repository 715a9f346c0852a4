"""What keeps other sites out: headers of every page, and the check of where a form was sent from."""

from urllib.parse import urlsplit

from starlette.requests import Request

POLICY = (
    "default-src 'none'; img-src 'self' https: http: data:; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    # Not no-referrer: browsers then say "Origin: null" with our own forms.
    "referrer-policy": "same-origin",
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
}


def own(request: Request) -> bool:
    """Was this form sent from one of our own pages? Clients that are no browsers say neither header."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host", "")
