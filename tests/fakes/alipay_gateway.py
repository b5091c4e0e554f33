"""A gateway like Alipay's on 127.0.0.1: it verifies requests, signs answers, and keeps a log as a proxy would.

It knows some people (by the code their consent gives), and answers the score question and 信用借还 orders.
"""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey, generate_private_key
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

Answer = dict[str, Any]


def new_key() -> RSAPrivateKey:
    return generate_private_key(65537, 2048)


def private_pem(key: RSAPrivateKey, form: PrivateFormat = PrivateFormat.PKCS8) -> str:
    return key.private_bytes(Encoding.PEM, form, NoEncryption()).decode()


def public_pem(key: RSAPublicKey) -> str:
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


class FakeAlipay:
    """Use as a context manager; `url` is the gateway. `fault(method)` may say "down", "slow", "forged", "busy"."""

    def __init__(self, app_id: str = "2026000000000001", aes_key: bytes = b"") -> None:
        self.app_id, self.aes_key = app_id, aes_key
        self.own, self.app = new_key(), new_key()
        self.people: dict[str, tuple[str, int | None]] = {}  # code → (user id, score; None cannot be told)
        self.log: list[dict[str, str]] = []  # a line for each request: its address and body, and whether it was signed
        self.asked: list[tuple[str, Answer]] = []  # what was understood, decrypted
        self.scores: dict[str, str] = {}  # transaction → first answer
        self.orders: dict[str, Answer] = {}
        self.fault: Callable[[str], str] = lambda method: ""
        self._used: set[str] = set()

    def __enter__(self) -> FakeAlipay:
        fake = self

        class Door(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
                fake._serve(self, dict(parse_qsl(body)) | dict(parse_qsl(urlsplit(self.path).query)), body)

            def do_GET(self) -> None:
                fake._serve(self, dict(parse_qsl(urlsplit(self.path).query)), "")

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/gateway.do"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def meet(self, code: str, user: str, score: int | None) -> None:
        """Somebody who has given consent, and the code with which they come back."""
        self.people[code] = (user, score)

    # ---- one request

    def _serve(self, door: BaseHTTPRequestHandler, asked: dict[str, str], body: str) -> None:
        method = asked.get("method", "")
        verified = self._verified(asked)
        self.log.append({"address": door.path, "body": body, "method": method, "verified": str(verified)})
        fault = self.fault(method)
        if fault == "slow":
            time.sleep(1.0)
        if fault == "down":
            door.send_error(502)
            return
        answer = self._answer(method, asked, verified) if fault != "busy" else {
            "code": "20000", "msg": "Service Currently Unavailable", "sub_code": "isp.unknow-error",
        }  # fmt: skip
        text = json.dumps(answer, ensure_ascii=False)
        if asked.get("encrypt_type") == "AES" and verified:
            text = json.dumps(self._seal(text))
        key = new_key() if fault == "forged" else self.own
        signature = base64.b64encode(key.sign(text.encode(), PKCS1v15(), hashes.SHA256())).decode()
        whole = f'{{"{method.replace(".", "_")}_response":{text},"sign":"{signature}"}}'.encode()
        try:
            door.send_response(200)
            door.send_header("Content-Length", str(len(whole)))
            door.end_headers()
            door.wfile.write(whole)
        except OSError:  # whoever asked has gone
            pass

    def _verified(self, asked: dict[str, str]) -> bool:
        told = "&".join(f"{name}={asked[name]}" for name in sorted(asked) if name != "sign" and asked[name])
        try:
            signature = base64.b64decode(asked.get("sign", ""))
            self.app.public_key().verify(signature, told.encode(), PKCS1v15(), hashes.SHA256())
        except InvalidSignature:
            return False
        return asked.get("app_id") == self.app_id

    def _answer(self, method: str, asked: dict[str, str], verified: bool) -> Answer:
        if not verified:
            return {"code": "40002", "msg": "Invalid Arguments", "sub_code": "isv.invalid-signature"}
        if method == "alipay.system.oauth.token":
            return self._token(asked.get("code", ""))
        text = asked.get("biz_content", "{}")
        content = json.loads(self._open(text) if asked.get("encrypt_type") == "AES" else text)
        self.asked.append((method, content))
        if method == "zhima.credit.score.brief.get":
            return self._score(content)
        return self._order(method.rpartition(".")[2], content)

    def _token(self, code: str) -> Answer:
        if code not in self.people or code in self._used:
            return {"code": "40002", "msg": "Invalid Arguments", "sub_code": "isv.code-invalid"}
        self._used.add(code)
        return {"user_id": self.people[code][0], "access_token": f"token-{code}", "expires_in": 600}

    def _score(self, content: Answer) -> Answer:
        """The first answer stands for the transaction, as with them."""
        scores = dict(self.people.values())
        if content["cert_type"] != "ALIPAY_USER_ID" or not 350 <= content["admittance_score"] <= 950:
            return {"code": "40004", "msg": "Business Failed", "sub_code": "ILLEGAL_ARGUMENT"}
        score = scores[content["cert_no"]]
        said = "N/A" if score is None else "Y" if score >= content["admittance_score"] else "N"
        said = self.scores.setdefault(content["transaction_id"], said)
        return {"code": "10000", "msg": "Success", "is_admittance": said, "biz_no": f"ZM{len(self.scores):010d}"}

    def _order(self, step: str, content: Answer) -> Answer:
        number = content["out_order_no"]
        known = self.orders.get(number)
        if step == "create":
            known = self.orders.setdefault(number, content | {"state": "open", "order_no": f"O{len(self.orders)}"})
        if known is None:
            return {"code": "40004", "msg": "Business Failed", "sub_code": "ORDER_NOT_EXIST"}
        if step == "modify" and known["state"] == "open":
            known |= {"expiry_time": content["expiry_time"]}
        if step in ("complete", "cancel") and known["state"] == "open":
            known |= content | {"state": step}
        return {"code": "10000", "msg": "Success", "out_order_no": number, "state": known["state"],
                "order_no": known["order_no"], "expiry_time": known["expiry_time"]}  # fmt: skip

    # ---- their AES

    def _seal(self, text: str) -> str:
        data = text.encode()
        data += bytes([16 - len(data) % 16]) * (16 - len(data) % 16)
        lock = Cipher(algorithms.AES(self.aes_key), modes.CBC(bytes(16))).encryptor()
        return base64.b64encode(lock.update(data) + lock.finalize()).decode()

    def _open(self, text: str) -> str:
        lock = Cipher(algorithms.AES(self.aes_key), modes.CBC(bytes(16))).decryptor()
        data = lock.update(base64.b64decode(text)) + lock.finalize()
        return data[: -data[-1]].decode()
