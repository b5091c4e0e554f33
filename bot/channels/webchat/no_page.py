"""What cannot be shown: whoever reads pages gets a kind one with the way back, a program the bare answer."""

from __future__ import annotations

import errno
from collections.abc import Mapping

from flask import Response, jsonify, make_response, render_template, request
from werkzeug.exceptions import (
    HTTPException,
    InternalServerError,
    MethodNotAllowed,
    NotFound,
    RequestEntityTooLarge,
    ServiceUnavailable,
)

from bot.channels.webchat import public
from bot.channels.webchat.chat import fingerprints
from bot.service import Service
from bot.texts import N_, Words
from lending.errors import StoreUnwritable

RETRY_SECONDS = 5

SAID: dict[type[HTTPException], tuple[str, str]] = {
    NotFound: (N_("没有这一页"), N_("链接可能抄漏了几个字，或者已经过期。想找书、看借阅，回到书信里说一声就行。")),
    MethodNotAllowed: (N_("这一页不能直接打开"), N_("这个地址只收表单，直接打开或刷新看不到东西，也什么都没有办。")),
    RequestEntityTooLarge: (N_("这一次发的太长了"), N_("没有收下，什么都没有改。请回去写短一点，或者分几次发。")),
    ServiceUnavailable: (N_("现在没有存上"), N_("什么都没有改。请过一会儿再试一次。")),
    InternalServerError: (N_("这一页出了问题"), N_("是我们这边出了错，已经记下来了。请回去再试一次。")),
}


def answer(service: Service, headers: Mapping[str, str], error: HTTPException) -> Response | HTTPException:
    """The page of the error, in the language asked for or the browser's, where a browser asks."""
    if "text/html" not in request.accept_mimetypes.values():
        return error
    try:
        page = _page(service, error)
    except (OSError, StoreUnwritable):  # nothing can be opened to make a page of
        return error
    return make_response(page, error.code, dict(headers))


def _page(service: Service, error: HTTPException) -> str:
    frame = public.frame(service, fingerprints(), Words(public.language())) | {"sizes": False}  # nothing to post to
    said = next(said for kind, said in SAID.items() if isinstance(error, kind))
    return render_template("webchat/no_page.html", **frame, said=said, desk=request.path.startswith("/admin/"))


def not_kept(service: Service, headers: Mapping[str, str], error: StoreUnwritable) -> Response:
    """503: the page for whoever reads pages, a line for a program; nothing was changed."""
    said = answer(service, headers, ServiceUnavailable())
    if not isinstance(said, Response):
        said = jsonify(error="暂时存不上，请稍后再试。 The service cannot write just now; please try again shortly.")
        said.status_code = 503
    said.headers["Retry-After"] = str(RETRY_SECONDS)
    return said


def nothing_to_open(service: Service, headers: Mapping[str, str], error: OSError) -> Response:
    """503 too while the system has no more open files to give: it passes, and nothing is broken."""
    if error.errno not in (errno.EMFILE, errno.ENFILE):
        raise error
    return not_kept(service, headers, StoreUnwritable(str(error)))
