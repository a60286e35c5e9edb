"""The portal behind `requests` without a server: quicker, where no socket is what is tested."""

import requests
from django.test import Client

ORIGIN = "http://testserver"


class InProcess(requests.adapters.BaseAdapter):
    """Answers what is sent to ORIGIN by Django's test client."""

    def send(self, request, **_):
        answer = Client(raise_request_exception=False).generic(
            request.method,
            request.path_url,
            request.body or b"",
            content_type=request.headers.get("Content-Type", ""),
            headers={"Authorization": request.headers.get("Authorization", "")},
        )
        response = requests.Response()
        response.status_code = answer.status_code
        response.headers.update(answer.headers)
        response._content = answer.content
        return response

    def close(self):
        pass


def session():
    """Return a session of `requests` that finds the portal at ORIGIN."""
    made = requests.Session()
    made.mount(ORIGIN, InProcess())
    return made
