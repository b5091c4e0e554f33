"""A 快递100 of our own over HTTP: it checks keys and signatures as its documents say, and pushes what it is told to.

It signs with code of its own, so that the client's way of signing is not its own judge.
"""

from __future__ import annotations

import hashlib
import json
import threading
from typing import Any

import httpx
from flask import Flask, Response, jsonify, request
from werkzeug.serving import make_server

KEY, CUSTOMER = "KEYKEYKEY123", "C0FFEE"
LINE = dict[str, str]


class Kuaidi100:
    """Follows parcels, tells of them when asked, and can be slow, out of order or away."""

    def __init__(self) -> None:
        self.followed: dict[str, dict[str, Any]] = {}
        self.ways: dict[str, list[LINE]] = {}
        self.asked: list[str] = []
        self.mood = ""
        self.thinking, self.go_on = threading.Event(), threading.Event()
        app = Flask("kuaidi100")
        app.add_url_rule("/poll", "poll", self._poll, methods=["POST"])
        app.add_url_rule("/poll/query.do", "query", self._query, methods=["POST"])
        self._server = make_server("127.0.0.1", 0, app, threaded=True)
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        self.site = f"http://127.0.0.1:{self._server.port}"

    def close(self) -> None:
        """No longer there."""
        self.go_on.set()
        self._server.shutdown()
        self._server.server_close()

    def _trouble(self) -> Response | None:
        if self.mood == "slow":
            self.thinking.set()
            self.go_on.wait(30)
            return None
        if self.mood == "broken":
            return Response("<html>502</html>", 502)
        if self.mood == "html":
            return Response("<html>维护中</html>", 200)
        if self.mood:
            return self._say(self.mood)
        return None

    @staticmethod
    def _say(code: str) -> Response:
        return jsonify(
            result=code == "200", returnCode=code, message={"200": "提交成功", "501": "重复订阅"}.get(code, "拒绝")
        )

    def _poll(self) -> Response:
        if trouble := self._trouble():
            return trouble
        param = json.loads(request.form["param"])
        self.asked.append(param["number"])
        if param["key"] != KEY:
            return self._say("600")
        if not param["parameters"]["callbackurl"] or not 6 <= len(param["number"]) <= 32:
            return self._say("700")
        if param["company"] != param["company"].lower() or not param["company"]:
            return self._say("702")
        known = param["number"] in self.followed
        self.followed.setdefault(param["number"], param)
        return self._say("501" if known else "200")

    def _query(self) -> Response:
        if trouble := self._trouble():
            return trouble
        form = request.form
        right = hashlib.md5(f"{form['param']}{KEY}{CUSTOMER}".encode()).hexdigest().upper()
        if form["sign"] != right or form["customer"] != CUSTOMER:
            return jsonify(result=False, returnCode="503", message="验证签名失败")
        number = json.loads(form["param"])["num"]
        self.asked.append(f"?{number}")
        if number not in self.ways:
            return jsonify(result=False, returnCode="500", message="查询无结果，请隔段时间再查")
        return jsonify(**self._result(number), message="ok", status="200")

    def _result(self, number: str) -> dict[str, Any]:
        lines = sorted(self.ways[number], key=lambda line: line["ftime"], reverse=True)
        return {"nu": number, "com": "shunfeng", "ischeck": "0", "state": lines[0]["statusCode"], "data": lines}

    def happens(self, number: str, code: str, at: str, words: str = "") -> None:
        """One more line of the way, at an hour of Beijing's clock."""
        line = {"time": at, "ftime": at, "context": words, "status": "", "statusCode": code}
        self.ways.setdefault(number, []).append(line)

    def form(self, number: str, salt: str | None = None, **more: Any) -> dict[str, str]:
        """The push it would send now, signed with the salt it was given, or another."""
        told = {"status": "polling", "message": "", "lastResult": self._result(number), **more}
        param = json.dumps(told, ensure_ascii=False)
        given = self.followed[number]["parameters"]["salt"] if salt is None else salt
        return {"sign": hashlib.md5((param + given).encode()).hexdigest().upper(), "param": param}

    def push(self, number: str) -> httpx.Response:
        """To the address that the subscription named."""
        return httpx.post(self.followed[number]["parameters"]["callbackurl"], data=self.form(number), timeout=10)
