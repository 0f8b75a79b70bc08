"""A web service with every way of paging, for one test. Prints its port; the first request of each path gets a 503."""
import http.server, json, sys, urllib.parse

RECORDS = [{"SUBJ": str(i), "V": i * 1.5} for i in range(7)]
asked = {}


class Service(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def answer(self, body, status=200, headers=()):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        url = urllib.parse.urlparse(self.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        asked[url.path] = asked.get(url.path, 0) + 1
        here = "http://127.0.0.1:%d" % self.server.server_address[1]
        if url.path == "/token":
            right = self.headers.get("Authorization") == "Bearer s3cret"
            return self.answer(RECORDS if right else {"error": "who"}, 200 if right else 401)
        if url.path == "/down":
            return self.answer(b"", 503)
        if asked[url.path] == 1:
            return self.answer(b"", 429 if url.path == "/cursor" else 503, [("Retry-After", "0")])
        at = int(query.get("cursor") or query.get("offset") or 0)
        if url.path == "/number":
            at = (int(query["page"]) - 1) * 3
        part = RECORDS[at:at + 3]
        following = at + 3 if at + 3 < len(RECORDS) else None
        if url.path == "/cursor":
            return self.answer({"data": part, "meta": {"next": following}})
        if url.path == "/number":
            return self.answer(part)
        if url.path == "/offset":
            return self.answer({"rows": part, "total": 7})
        if url.path == "/link":
            links = [("Link", '<%s/link?cursor=%d>; rel="next"' % (here, following))] if following else []
            return self.answer(part, headers=links)
        if url.path == "/next":
            return self.answer({"data": part, "next": "/next?cursor=%d" % following if following else ""})
        if url.path == "/loop":
            return self.answer({"data": part, "meta": {"next": 0}})
        if url.path == "/elsewhere":
            return self.answer({"data": part, "next": "http://example.org/x"})
        if url.path == "/moved":
            return self.answer(b"", 302, [("Location", here + "/next")])
        if url.path == "/broken":
            return self.answer(b'{"data": [')
        return self.answer({"data": 1})


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Service)
print(server.server_address[1], flush=True)
server.serve_forever()
